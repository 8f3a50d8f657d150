/**
 * What a request claims about who signed it. Nothing in a claim is proven; verify.ts does that.
 * @module
 */

import type { AmzDate } from "./amz_date.ts";
import type { S3Request } from "../s3/request.ts";
import type { Credential, Service } from "./credential_scope.ts";

/** What a signature is over, of whichever service. */
export type SignedMessage = Pick<
  S3Request,
  "method" | "scheme" | "path" | "query" | "sentHeaders" | "headers"
>;

/** What is known of a message beside what it claims. */
export interface KnownOfMessage {
  readonly service: Service;
  readonly sessionToken: string | undefined;
  /** Of a body that has been read. */
  readonly payloadHash: string | undefined;
}

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
  /** `x-amz-security-token` of a temporary key pair. */
  readonly sessionToken: string | undefined;
  /** Life of a presigned URL; `undefined` for a header. */
  readonly expiresSeconds: number | undefined;
}
