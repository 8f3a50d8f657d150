/**
 * `users`: who may come, with which key pairs, and what each may do.
 * @module
 */

import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { type AccessKeyId, type BucketNameRules, parseAccessKeyId } from "../s3/names.ts";
import { SecretAccessKey } from "../sigv4/secret_access_key.ts";
import type { User, UserKey } from "./config.ts";
import { ipRange, pattern, section, text } from "./fields.ts";
import { createRulesShape, type UserRules } from "./rules.ts";
import { parseTimestamp } from "./timestamp.ts";

// IAM's own alphabet; a name goes into prefixes as `${user}`, so nothing that acts there (`*`, `?`,
// `/`, `$`) is in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
/** What a user may be called, as in IAM. */
export const USER_NAME = /^[A-Za-z0-9_+=,.@-]{1,64}$/;
/** The same, in words. */
export const USER_NAME_EXPECTED = "1 to 64 letters, digits or any of _ + = , . @ -";

/** The keys of a key pair. */
export const KEY_PAIR_SHAPE = {
  access_key: accessKeyId(),
  /** INVARIANT: readKeyPairs() has replaced the text, or the file's name. */
  secret_key: z.instanceof(SecretAccessKey),
  secret_key_file: z.string().optional(),
};

const USER_KEY = section({ ...KEY_PAIR_SHAPE, expires_at: text(parseTimestamp).optional() });

/** A user whose rules are still to be compiled. */
export type UncompiledUser = Omit<User, "statements"> & { readonly rules: UserRules };

/** The list of users. Which bucket names there can be depends on the backend. */
export function createUsersSchema(bucketNames: BucketNameRules): z.ZodType<UncompiledUser[]> {
  const user = section({
    ...section(KEY_PAIR_SHAPE).partial().shape,
    ...createRulesShape(bucketNames),
    name: pattern(USER_NAME, USER_NAME_EXPECTED).optional(),
    enabled: z.boolean().default(true),
    expires_at: text(parseTimestamp).optional(),
    keys: z.array(USER_KEY).min(1).max(LIMITS.keyPairsOfUserMax).optional(),
    source_ips: z.array(ipRange()).min(1).optional(),
  }).transform((user): UncompiledUser => {
    // INVARIANT: readKeyPairs() has found it if there are none; the configuration is refused then.
    const keys = (user.keys ?? [{ ...user, expires_at: undefined }]).flatMap(buildUserKeys);
    return {
      name: user.name ?? keys[0]?.accessKeyId ?? "",
      enabled: user.enabled,
      keys,
      expiresAt: user.expires_at,
      sourceIps: user.source_ips,
      allowedBuckets: user.allowed_buckets,
      rules: user,
    };
  });
  return z.array(user).max(LIMITS.usersMax);
}

/** One key pair, or none where a half of it is missing. */
function buildUserKeys(key: {
  readonly access_key?: AccessKeyId | undefined;
  readonly secret_key?: SecretAccessKey | undefined;
  readonly expires_at?: Date | undefined;
}): UserKey[] {
  const { access_key: accessKeyId, secret_key: secretAccessKey, expires_at: expiresAt } = key;
  if (accessKeyId === undefined || secretAccessKey === undefined) return [];
  return [{ accessKeyId, secretAccessKey, expiresAt }];
}

function accessKeyId(): z.ZodType<AccessKeyId> {
  return text((value) => {
    const id = parseAccessKeyId(value);
    if (id !== undefined) return id;
    const max = LIMITS.accessKeyIdCharactersMax;
    throw new SyntaxError(`expected 1 to ${max} letters, digits or any of _ . @ + = ~ -`);
  });
}
