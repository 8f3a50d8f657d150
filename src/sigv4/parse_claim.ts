/**
 * Which of S3's two mechanisms a request uses: the Authorization header or a presigned query.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}.
 * @module
 */

import { S3Error } from "../s3/error.ts";
import { isPresignedV2 } from "../s3/signature_version_2.ts";
import { parseAuthorizationHeader } from "./authorization_header.ts";
import { parsePresignedQuery } from "./presigned_url.ts";
import type { Service } from "./credential_scope.ts";
import type { SignatureClaim, SignedMessage } from "./signature_claim.ts";

/**
 * Reads the one mechanism a request uses.
 * @throws {S3Error} `AccessDenied` for none (nobody is anonymous here); `InvalidArgument` for two; those of the two
 *   parsers.
 */
export function parseSignatureClaim(
  request: SignedMessage,
  { service = "s3", payloadHash }: { service?: Service; payloadHash?: string } = {},
): SignatureClaim {
  const { sentHeaders } = request;
  const authorization = sentHeaders.get("authorization");
  if (authorization !== undefined && isPresigned(request)) {
    throw new S3Error("InvalidArgument", {
      message:
        "Only one auth mechanism allowed: the X-Amz-Algorithm query parameter or the Authorization header.",
      reason: "malformed",
    });
  }
  const sessionToken = readSessionToken(request, authorization !== undefined);
  const known = { service, sessionToken, payloadHash };
  if (authorization !== undefined) {
    return parseAuthorizationHeader(authorization, { request, ...known });
  }
  if (isPresigned(request)) return parsePresignedQuery(request, known);
  throw new S3Error("AccessDenied", { reason: "missing_credentials" });
}

/**
 * The token of a temporary key pair, from where the signature covers it: a header that has to be signed, or the query.
 * @throws {S3Error} `InvalidToken` for one elsewhere, or in another spelling.
 */
function readSessionToken(
  { query, sentHeaders, headers }: SignedMessage,
  isInHeader: boolean,
): string | undefined {
  const inQuery = query.get("X-Amz-Security-Token");
  const sent = sentHeaders.get("x-amz-security-token");
  const isMisplaced = isInHeader ? inQuery !== undefined : sent !== undefined;
  // Lifted out of a query that spells it in another way.
  const isMisspelt = headers.get("x-amz-security-token") !== sent;
  if (isMisplaced || isMisspelt) throw new S3Error("InvalidToken", { reason: "session_token" });
  return isInHeader ? sent : inQuery;
}

/** Whether the query of a request says, however badly, that it is presigned. */
export function isPresigned({ query }: Pick<SignedMessage, "query">): boolean {
  return query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature") ||
    query.has("X-Amz-Credential") || isPresignedV2(query);
}
