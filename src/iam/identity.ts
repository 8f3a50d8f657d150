/**
 * Who a request comes from, once its signature is proven.
 * @module
 */

import type { AccessKeyId } from "../s3/names.ts";
import type { IpRange } from "./ip_range.ts";
import type { Policy } from "./policy.ts";

/** A user of the proxy. */
export interface Identity {
  /**
   * The user's name in the configuration, else the access key id. Policies read it as
   * `aws:username`.
   */
  readonly name: string;
  /** The key pair that signed. */
  readonly accessKeyId: AccessKeyId;
  /** What the user may do. */
  readonly policy: Policy;
  /** The only addresses the user may come from; `undefined`: any. */
  readonly sourceIps: readonly IpRange[] | undefined;
}
