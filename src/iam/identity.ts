/**
 * Who a request comes from, once its signature is proven.
 * @module
 */

import type { ShareUser } from "../lib/share.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import type { AccessKeyId } from "../s3/names.ts";
import { containsAddress, type IpAddress, type IpRange } from "./ip_range.ts";
import type { Policy } from "./policy.ts";

/** What is known of a temporary key pair beside its rights. */
export interface SessionFacts {
  /** `undefined`: the user itself, by GetSessionToken. */
  readonly role: string | undefined;
  readonly sessionName: string;
  /** Whom it was given to, for the log: `web:ISSUER:SUBJECT` or `user:NAME`. */
  readonly principal: string;
  /** `undefined`: of a user, of whom nobody says anything. */
  readonly claims: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A user of the proxy, or a session. */
export interface Identity {
  /**
   * The user's name in the configuration, else the access key id; of a role's session `role/NAME/SESSION`, which no user is
   * called.
   */
  readonly name: string;
  /** `aws:username` of policies, which a role's session has not. */
  readonly username: string | undefined;
  /** Of a temporary key pair; a user's own has none. */
  readonly session?: SessionFacts;
  /** The key pair that signed. */
  readonly accessKeyId: AccessKeyId;
  /** What the user may do. */
  readonly policy: Policy;
  /** The only addresses the user may come from; `undefined`: any. */
  readonly sourceIps: readonly IpRange[] | undefined;
  /** Whose share of what all share this is: the user's, or whom the session was given to. */
  readonly sharesAs: string;
  readonly limits: UserLimits;
}

/** The user as one who shares with others. */
export function readShareUser({ sharesAs: name, limits }: Identity): ShareUser {
  return { name, ownMax: limits.concurrentRequestsMax };
}

/** Whether somebody may come from `address`; from what is none only who may come from anywhere. */
export function mayComeFrom(
  { sourceIps }: Pick<Identity, "sourceIps">,
  address: IpAddress | undefined,
): boolean {
  return sourceIps === undefined ||
    address !== undefined && sourceIps.some((range) => containsAddress(range, address));
}
