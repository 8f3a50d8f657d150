/**
 * Presigned URLs.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}.
 * @module
 */

import { formatAmzDate } from "./amz_date.ts";
import { buildCanonicalRequest, formatCanonicalQuery } from "./canonical_request.ts";
import { UNSIGNED_PAYLOAD } from "./content_sha256.ts";
import { buildCredentialScope } from "./credential_scope.ts";
import type { SigningCredentials } from "./sign.ts";
import { deriveSigningKey } from "./signing_key.ts";
import { ALGORITHM, buildStringToSign } from "./string_to_sign.ts";
import { uriEncodePath } from "./uri_encode.ts";

/** What a URL is to allow. */
export interface PresignOptions {
  readonly method: string;
  readonly endpoint: Readonly<URL>;
  /** Decoded. */
  readonly path: string;
  readonly expiresSeconds: number;
  readonly credentials: SigningCredentials;
  readonly now: Date;
}

/** A URL that carries its signature, over nothing but the Host header. */
export function presignUrl(options: PresignOptions): string {
  const { method, endpoint, path, expiresSeconds, credentials, now } = options;
  const amzDate = formatAmzDate(now);
  const scope = buildCredentialScope(amzDate, credentials.region);
  const query = new Map([
    ["X-Amz-Algorithm", ALGORITHM],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scope.text}`],
    ["X-Amz-Date", amzDate],
    ["X-Amz-Expires", String(expiresSeconds)],
    ["X-Amz-SignedHeaders", "host"],
  ]);
  const canonicalRequest = buildCanonicalRequest({
    method,
    path,
    query,
    headers: new Map([["host", endpoint.host]]),
    signedHeaders: ["host"],
    payloadHash: UNSIGNED_PAYLOAD,
  });
  const stringToSign = buildStringToSign({ amzDate, scope, canonicalRequest });
  const signature = deriveSigningKey(credentials.secretAccessKey, scope).sign(stringToSign);
  return `${endpoint.origin}${uriEncodePath(path)}?${formatCanonicalQuery(query)}` +
    `&X-Amz-Signature=${signature}`;
}
