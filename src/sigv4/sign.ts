/**
 * Signs a request to the backend with the master key.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}.
 * @module
 */

import type { AccessKeyId } from "../s3/names.ts";
import { formatAmzDate } from "./amz_date.ts";
import { formatCanonicalHeader, joinCanonicalRequest } from "./canonical_request.ts";
import { buildCredentialScope } from "./credential_scope.ts";
import type { SecretAccessKey } from "./secret_access_key.ts";
import { deriveSigningKey } from "./signing_key.ts";
import { ALGORITHM, buildStringToSign } from "./string_to_sign.ts";

type Field = readonly [name: string, value: string];

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
  const { payloadHash } = request;
  const amzDate = formatAmzDate(now);
  const fields: Field[] = [
    ["host", request.host],
    ["x-amz-content-sha256", payloadHash],
    ["x-amz-date", amzDate],
  ];
  const headers = new Map(request.headers);
  if (headers.size > 0) {
    fields.push(...headers);
    fields.sort(([name], [other]) => name < other ? -1 : 1); // each name is there once
  }
  let canonicalHeaders = "";
  let signedHeaders = "";
  for (const [name, value] of fields) {
    canonicalHeaders += formatCanonicalHeader(name, value);
    signedHeaders += signedHeaders === "" ? name : `;${name}`;
  }
  const canonicalRequest = joinCanonicalRequest(request, { canonicalHeaders, signedHeaders });
  const scope = buildCredentialScope(amzDate, credentials.region);
  const stringToSign = buildStringToSign({ amzDate, scope, canonicalRequest });
  const signature = deriveSigningKey(credentials.secretAccessKey, scope).sign(stringToSign);
  return headers
    .set("x-amz-date", amzDate)
    .set("x-amz-content-sha256", payloadHash)
    .set(
      "authorization",
      `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope.text}, ` +
        `SignedHeaders=${signedHeaders}, Signature=${signature}`,
    );
}
