/**
 * What a configuration file says, as plain data: it can be posted to another thread, and every thread makes its own
 * {@linkcode Config} of it.
 * @module
 */

import type { Grant } from "../iam/presets.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import type { CorsRule } from "../s3/cors.ts";
import type { BucketPattern } from "./bucket_pattern.ts";
import type { UserTrust, WebTrust } from "../identity/trust.ts";
import type { Config, MasterCredentials, ProviderSettings, User, UserKey } from "./config.ts";

/** A whole file: every value checked but for what rules say, every default filled in, no secret in it. */
export interface Settings extends
  Omit<
    Config,
    | "masterCredentials"
    | "users"
    | "roles"
    | "identityProviders"
    | "sealingKeys"
    | "bucketNames"
    | "cors"
  > {
  readonly masterCredentials: Omit<MasterCredentials, "secretAccessKey" | "endpoint"> & {
    /** A URL. */
    readonly endpoint: string;
  };
  readonly users: readonly UserSettings[];
  /** By name. */
  readonly roles: Readonly<Record<string, RoleSettings>>;
  readonly identityProviders: readonly ProviderSettings[];
  readonly cors: readonly CorsSettings[];
}

/** What a role allows. */
export interface RoleRules {
  readonly grants: readonly Grant[];
  /** A policy document. */
  readonly policy?: unknown;
  /** Of each user who has the role, not of all together. */
  readonly limits: UserLimits;
}

/** What a role allows, and whom. */
export interface RoleSettings extends RoleRules {
  readonly trust: readonly TrustSettings[];
  readonly maxSessionSeconds: number;
  readonly sessionsValidAfter: Date | undefined;
}

/** A rule of a role's trust, whose patterns are still texts. */
export type TrustSettings =
  | UserTrust
  | Omit<WebTrust, "subjects" | "claims"> & {
    readonly subjects: readonly string[] | undefined;
    readonly claims: Readonly<Record<string, readonly string[]>>;
  };

/** A user. */
export interface UserSettings extends Omit<User, "keys" | "statements" | "limits">, RoleRules {
  readonly keys: readonly Omit<UserKey, "secretAccessKey">[];
  /** Names of roles. */
  readonly roles: readonly string[];
}

/** A rule for cross-origin requests. */
export interface CorsSettings extends Omit<CorsRule, "matchesBucket"> {
  readonly buckets: readonly BucketPattern[];
}
