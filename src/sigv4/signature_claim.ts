/**
 * What a request claims about who signed it. Nothing in a claim is proven; verify.ts does that.
 * @module
 */

import type { AmzDate } from "./amz_date.ts";
import type { Credential } from "./credential_scope.ts";

/** A signature and all that it says it is over. */
export interface SignatureClaim {
  readonly type: "header" | "presigned";
  readonly credential: Credential;
  readonly amzDate: AmzDate;
  readonly signedAt: Date;
  /** Lower-case names, sorted, each once. */
  readonly signedHeaders: readonly string[];
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
  /** `x-amz-content-sha256`, as text. */
  readonly payloadHash: string;
  /** Life of a presigned URL; `undefined` for a header. */
  readonly expiresSeconds: number | undefined;
}
