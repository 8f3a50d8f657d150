/**
 * Signs a request to the backend with the master key.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}.
 * @module
 */

import type { AccessKeyId } from "../s3/names.ts";
import { formatAmzDate } from "./amz_date.ts";
import { buildCanonicalRequest } from "./canonical_request.ts";
import { buildCredentialScope, formatCredentialScope } from "./credential_scope.ts";
import type { SecretAccessKey } from "./secret_access_key.ts";
import { deriveSigningKey } from "./signing_key.ts";
import { ALGORITHM, buildStringToSign } from "./string_to_sign.ts";

/** A key pair and the region it signs for. */
export interface SigningCredentials {
  readonly accessKeyId: AccessKeyId;
  readonly secretAccessKey: SecretAccessKey;
  readonly region: string;
}

/** A request to sign; `host` and `headers` (lower-case names) are signed all. */
export interface UnsignedRequest {
  readonly method: string;
  /** Decoded path. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly host: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Value of `x-amz-content-sha256`. */
  readonly payloadHash: string;
}

/** `headers` with `x-amz-date`, `x-amz-content-sha256` and `authorization` added; `host` is left to the transport. */
export function signRequest(
  request: UnsignedRequest,
  { credentials, now }: { credentials: SigningCredentials; now: Date },
): Map<string, string> {
  const amzDate = formatAmzDate(now);
  const headers = new Map(request.headers)
    .set("host", request.host)
    .set("x-amz-date", amzDate)
    .set("x-amz-content-sha256", request.payloadHash);
  const signedHeaders = [...headers.keys()].sort();
  const scope = buildCredentialScope(amzDate, credentials.region);
  const { method, path, query, payloadHash } = request;
  const canonicalRequest = buildCanonicalRequest({
    method,
    path,
    query,
    headers,
    signedHeaders,
    payloadHash,
  });
  const stringToSign = buildStringToSign({ amzDate, scope, canonicalRequest });
  const key = deriveSigningKey(credentials.secretAccessKey, scope);
  const signature = key.sign(stringToSign);
  headers.set(
    "authorization",
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${formatCredentialScope(scope)}, ` +
      `SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`,
  );
  headers.delete("host");
  return headers;
}
