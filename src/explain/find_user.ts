/**
 * Finds users by name, for the commands that act as one.
 * @module
 */

import type { Config, User, UserKey } from "../config/config.ts";
import { nearestName } from "../lib/nearest_name.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The user called `name`, and the key that is valid longest; `undefined` where none is valid at `now`. `name` may be an access
 * key: then that one.
 * @throws {UsageError} For a name that is not in the file.
 */
export function findUser(
  { users }: Config,
  { name, now }: { name: string; now: Date },
): { user: User; key: UserKey | undefined } {
  const user = users.find((user) => user.name === name) ??
    users.find(({ keys }) => keys.some(({ accessKeyId }) => String(accessKeyId) === name));
  if (user === undefined) {
    const nearest = nearestName(name, users.map((user) => user.name));
    const hint = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
    throw new UsageError(`Unknown user "${name}"${hint}`);
  }
  if (user.name === name) return { user, key: findKey(user, now) };
  const keys = user.keys.filter(({ accessKeyId }) => String(accessKeyId) === name);
  return { user, key: findKey({ ...user, keys }, now) };
}

/** The user's key that is valid longest; `undefined` where none is valid at `now`. */
export function findKey(
  user: Pick<User, "enabled" | "expiresAt" | "keys">,
  now: Date,
): UserKey | undefined {
  const valid = user.keys.filter((key) =>
    user.enabled && expiryMs(user) > now.getTime() && expiryMs(key) > now.getTime()
  );
  return valid.toSorted((one, other) => expiryMs(other) - expiryMs(one))[0];
}

function expiryMs({ expiresAt }: Pick<UserKey, "expiresAt">): number {
  return expiresAt?.getTime() ?? Infinity;
}
