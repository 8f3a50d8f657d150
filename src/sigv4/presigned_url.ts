/**
 * A presigned URL's query.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { parseAmzDate } from "./amz_date.ts";
import type { KnownOfMessage, SignatureClaim, SignedMessage } from "./signature_claim.ts";
import { UNSIGNED_PAYLOAD } from "./content_sha256.ts";
import { parseCredential } from "./credential_scope.ts";
import { parseSignedHeaders } from "./signed_headers.ts";
import { ALGORITHM } from "./string_to_sign.ts";

const REQUIRED = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
] as const;

/**
 * Reads the six `X-Amz-*` parameters. The payload hash is `UNSIGNED-PAYLOAD` unless the header, or its hoisted form,
 * says otherwise.
 * @throws {S3Error} `AuthorizationQueryParametersError`.
 */
export function parsePresignedQuery(
  request: SignedMessage,
  { service, sessionToken, payloadHash: knownHash }: KnownOfMessage,
): SignatureClaim {
  const { query } = request;
  if (REQUIRED.some((name) => !query.has(name))) {
    throw malformed(
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  }
  const parameter = (name: typeof REQUIRED[number]): string => query.get(name) ?? "";
  if (parameter("X-Amz-Algorithm") !== ALGORITHM) {
    throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  }
  const credential = parseCredential(parameter("X-Amz-Credential"), service);
  if ("problem" in credential) {
    throw malformed(`Error parsing the X-Amz-Credential parameter; ${credential.problem}`);
  }
  const date = parseAmzDate(parameter("X-Amz-Date"));
  if (date === undefined) {
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  if (credential.scope.date !== date.amzDate.slice(0, 8)) {
    throw malformed(
      `Invalid credential date "${credential.scope.date}". ` +
        `This date is not the same as X-Amz-Date: "${date.amzDate.slice(0, 8)}".`,
    );
  }
  const signedHeaders = parseSignedHeaders(parameter("X-Amz-SignedHeaders"));
  if (signedHeaders === undefined) {
    throw malformed("X-Amz-SignedHeaders must be lower-case header names, sorted, each once.");
  }
  const signature = parameter("X-Amz-Signature");
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformed("X-Amz-Signature must be 64 hexadecimal digits.");
  }
  return {
    type: "presigned",
    credential,
    amzDate: date.amzDate,
    signedAt: date.instant,
    signedHeaders,
    signature,
    payloadHash: knownHash ?? request.headers.get("x-amz-content-sha256") ?? UNSIGNED_PAYLOAD,
    sessionToken,
    expiresSeconds: parseExpires(parameter("X-Amz-Expires")),
  };
}

/** 1 second to {@linkcode LIMITS.presignedExpiresSecondsMax}, 7 days. */
function parseExpires(text: string): number {
  if (/^-[0-9]{1,15}$/.test(text)) throw malformed("X-Amz-Expires must be non-negative");
  if (!/^[0-9]{1,15}$/.test(text)) throw malformed("X-Amz-Expires should be a number");
  const seconds = Number(text);
  if (seconds < 1) throw malformed("X-Amz-Expires must be greater than 0");
  if (seconds > LIMITS.presignedExpiresSecondsMax) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${LIMITS.presignedExpiresSecondsMax} seconds`,
    );
  }
  return seconds;
}

function malformed(message: string): S3Error {
  return new S3Error("AuthorizationQueryParametersError", { message, reason: "malformed" });
}
