/**
 * `users`: who may come, with which key pairs, and what each may do.
 * @module
 */

import { z } from "zod";
import { ACCESS_NAMES } from "../iam/presets.ts";
import { NO_LIMITS, type UserLimits } from "../lib/user_limits.ts";
import { LIMITS } from "../limits.ts";
import { type AccessKeyId, type BucketNameRules, parseAccessKeyId } from "../s3/names.ts";
import { parseBucketPattern } from "./bucket_pattern.ts";
import { parseByteSize } from "./byte_size.ts";
import { count, ipRange, pattern, scalar, section, text } from "./fields.ts";
import { ROLE_SESSION_SHAPE } from "./identity_schema.ts";
import type { RoleSettings, UserSettings } from "./settings.ts";
import { parseTimestamp } from "./timestamp.ts";

// IAM's own alphabet; a name goes into prefixes as `${user}`, so nothing that acts there (`*`, `?`,
// `/`, `$`) is in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
/** What a user may be called, as in IAM. */
export const USER_NAME = /^[A-Za-z0-9_+=,.@-]{1,64}$/;
/** The same, in words. */
export const USER_NAME_EXPECTED = "1 to 64 letters, digits or any of _ + = , . @ -";

/** INVARIANT: readKeyPairs() has taken it. */
const TAKEN = z.never().optional();

/** The keys of a key pair. */
export const KEY_PAIR_SHAPE = {
  access_key: accessKeyId(),
  secret_key: TAKEN,
  secret_key_file: TAKEN,
};

const USER_KEY = section({ ...KEY_PAIR_SHAPE, expires_at: text(parseTimestamp).optional() });

const GRANT = section({
  access: z.enum(ACCESS_NAMES),
  buckets: z.array(z.string()).min(1),
  prefixes: z.array(z.string()).min(1).optional(),
  deletable_prefixes: z.array(z.string()).min(1).optional(),
});

const BYTES_PER_SECOND = section({
  in: rate().optional(),
  out: rate().optional(),
});

const USER_LIMITS = section({
  max_concurrent_requests: count().optional(),
  requests_per_second: count().optional(),
  requests_burst: count().optional(),
  bytes_per_second: BYTES_PER_SECOND.optional(),
}).transform((limits, context): UserLimits => {
  if (limits.requests_burst !== undefined && limits.requests_per_second === undefined) {
    const message = "has no effect without requests_per_second";
    context.addIssue({ code: "custom", path: ["requests_burst"], message });
  }
  return {
    concurrentRequestsMax: limits.max_concurrent_requests,
    requestsPerSecond: limits.requests_per_second,
    requestsBurst: limits.requests_burst ?? limits.requests_per_second,
    bytesInPerSecond: limits.bytes_per_second?.in,
    bytesOutPerSecond: limits.bytes_per_second?.out,
  };
});

const ROLE_SHAPE = {
  limits: USER_LIMITS.default(NO_LIMITS),
  grants: z.array(GRANT).default([]),
  policy: z.unknown().optional(),
};

/** `roles`: rules that users share, by name. */
export const ROLES_SCHEMA: z.ZodType<Record<string, RoleSettings>> = z.record(
  z.string(),
  section({
    ...ROLE_SHAPE,
    ...ROLE_SESSION_SHAPE,
    sessions_valid_after: text(parseTimestamp).optional(),
  }).transform((role) => ({
    grants: role.grants,
    limits: role.limits,
    policy: role.policy,
    trust: role.trust ?? [],
    maxSessionSeconds: Math.floor(role.max_session_duration / 1000),
    sessionsValidAfter: role.sessions_valid_after,
  })),
).check(({ value, issues }) => {
  // As in IAM, since a role that can be assumed has an ARN; others may be called what they like.
  for (const [name, { trust }] of Object.entries(value)) {
    if (trust.length === 0 || USER_NAME.test(name)) continue;
    const message = `has trust, and a name that is none of a role, expected ${USER_NAME_EXPECTED}`;
    issues.push({ code: "custom", input: value, path: [name], message });
  }
});

/** The list of users. Which bucket names there can be depends on the backend. */
export function createUsersSchema(bucketNames: BucketNameRules): z.ZodType<UserSettings[]> {
  const user = section({
    ...section(KEY_PAIR_SHAPE).partial().shape,
    ...ROLE_SHAPE,
    allowed_buckets: z.array(text((value) => parseBucketPattern(value, bucketNames))).default([]),
    roles: z.array(z.string()).default([]),
    name: pattern(USER_NAME, USER_NAME_EXPECTED).optional(),
    enabled: z.boolean().default(true),
    expires_at: text(parseTimestamp).optional(),
    keys: z.array(USER_KEY).min(1).max(LIMITS.keyPairsOfUserMax).optional(),
    source_ips: z.array(ipRange()).min(1).optional(),
  }).transform((user): UserSettings => {
    // INVARIANT: readKeyPairs() has found it if there are none; the configuration is refused then.
    const keys = (user.keys ?? [{ access_key: user.access_key, expires_at: undefined }])
      .flatMap(({ access_key: accessKeyId, expires_at: expiresAt }) =>
        accessKeyId === undefined ? [] : [{ accessKeyId, expiresAt }]
      );
    return {
      name: user.name ?? keys[0]?.accessKeyId ?? "",
      enabled: user.enabled,
      keys,
      expiresAt: user.expires_at,
      sourceIps: user.source_ips,
      allowedBuckets: user.allowed_buckets,
      roles: user.roles,
      grants: user.grants,
      limits: user.limits,
      policy: user.policy,
    };
  });
  return z.array(user).max(LIMITS.usersMax);
}

/** Bytes a second; a lower rate would keep a connection longer than what it is worth. */
function rate(): z.ZodType<number> {
  return scalar((value) => {
    const bytes = parseByteSize(value);
    if (bytes >= LIMITS.bytesPerSecondMin) return bytes;
    throw new SyntaxError(`expected at least ${LIMITS.bytesPerSecondMin / 1024}KiB`);
  });
}

function accessKeyId(): z.ZodType<AccessKeyId> {
  return text((value) => {
    const id = parseAccessKeyId(value);
    if (id !== undefined) return id;
    const max = LIMITS.accessKeyIdCharactersMax;
    throw new SyntaxError(`expected 1 to ${max} letters, digits or any of _ . @ + = ~ -`);
  });
}
