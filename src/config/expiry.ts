/**
 * Keys that end: which have, which will soon, and when each does.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { Config, User, UserKey } from "./config.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** When a key ends. */
export interface KeyExpiry {
  readonly user: string;
  readonly accessKey: string;
  readonly at: Date;
}

const DAY_MS = 86_400_000;

/** The keys that end, the first to end first; at most {@linkcode LIMITS.keyExpirySeriesMax}. Those of disabled users are left out. */
export function listKeyExpiries({ users }: Pick<Config, "users">): KeyExpiry[] {
  return users.filter(({ enabled }) => enabled)
    .flatMap((user) =>
      user.keys.flatMap((key) => {
        const at = findEnd(user, key);
        return at === undefined
          ? []
          : [{ user: user.name, accessKey: String(key.accessKeyId), at }];
      })
    )
    .toSorted((one, other) => one.at.getTime() - other.at.getTime())
    .slice(0, LIMITS.keyExpirySeriesMax);
}

/** Warns of keys that have ended at `now` or will within {@linkcode LIMITS.keyExpiryWarningDays}, and pairs of keys of which none will. */
export function findExpiring({ users }: Pick<Config, "users">, now: Date): Problem[] {
  return users.flatMap((user, index) =>
    user.enabled ? findExpiringOf(user, { path: ["users", index], now }) : []
  );
}

function findExpiringOf(user: User, { path, now }: { path: KeyPath; now: Date }): Problem[] {
  const own = describeEnd(user.expiresAt, now);
  if (own !== undefined) return [{ path: [...path, "expires_at"], message: own }];
  const problems = user.keys.flatMap(({ expiresAt }, index) => {
    const message = describeEnd(expiresAt, now);
    return message === undefined ? [] : [{ path: [...path, "keys", index, "expires_at"], message }];
  });
  if (user.keys.length < 2 || user.keys.some(({ expiresAt }) => expiresAt !== undefined)) {
    return problems;
  }
  const message = "are two that never end, expected an expires_at at the one that is replaced";
  return [{ path: [...path, "keys"], message }];
}

function describeEnd(at: Date | undefined, now: Date): string | undefined {
  if (at === undefined) return undefined;
  const leftMs = at.getTime() - now.getTime();
  const time = at.toISOString().replace(".000Z", "Z");
  if (leftMs <= 0) return `was over at ${time}: the key is refused`;
  if (leftMs > LIMITS.keyExpiryWarningDays * DAY_MS) return undefined;
  const days = Math.floor(leftMs / DAY_MS);
  const left = days === 0 ? "within a day" : days === 1 ? "in a day" : `in ${days} days`;
  return `is over ${left} (${time}): have another key in use by then`;
}

function findEnd(user: User, key: UserKey): Date | undefined {
  return [user.expiresAt, key.expiresAt].filter((at) => at !== undefined)
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}
