/**
 * Users by access key, each with its policy, which is compiled when it is first needed.
 * @module
 */

import type { Identity } from "../iam/identity.ts";
import { Policy } from "../iam/policy.ts";
import type { AccessKeyId } from "../s3/names.ts";
import type { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import type { User } from "./config.ts";

/** A key pair's secret and who it belongs to. */
export interface KnownKey {
  readonly secretAccessKey: SecretAccessKey;
  readonly identity: Identity;
}

/** Finds who an access key belongs to; `undefined` where it is unknown, `inactive` where disabled, or expired at `now`. */
export type UserDirectory = (
  accessKeyId: AccessKeyId,
  now: Date,
) => KnownKey | "inactive" | undefined;

interface Entry extends KnownKey {
  /** Milliseconds since the epoch from which the key is not valid any more. */
  readonly expiresMs: number;
}

/** Builds the directory of one configuration. */
export function createUserDirectory(users: readonly User[]): UserDirectory {
  const entries = new Map<AccessKeyId, Entry>();
  for (const user of users) {
    let policy: Policy | undefined;
    for (const { accessKeyId, secretAccessKey, expiresAt } of user.keys) {
      entries.set(accessKeyId, {
        secretAccessKey,
        get identity(): Identity {
          policy ??= new Policy(user.statements);
          return {
            name: user.name,
            username: user.name,
            accessKeyId,
            policy,
            sourceIps: user.sourceIps,
            sharesAs: user.name,
            limits: user.limits,
          };
        },
        expiresMs: Math.min(
          user.enabled ? Infinity : -Infinity,
          expiresAt?.getTime() ?? Infinity,
          user.expiresAt?.getTime() ?? Infinity,
        ),
      });
    }
  }
  return (accessKeyId, now) => {
    const entry = entries.get(accessKeyId);
    return entry === undefined || now.getTime() < entry.expiresMs ? entry : "inactive";
  };
}
