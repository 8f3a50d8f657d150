/**
 * Which of S3's two mechanisms a request uses: the Authorization header or a presigned query.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}.
 * @module
 */

import { S3Error } from "../s3/error.ts";
import type { S3Request } from "../s3/request.ts";
import { parseAuthorizationHeader } from "./authorization_header.ts";
import { parsePresignedQuery } from "./presigned_url.ts";
import type { SignatureClaim } from "./signature_claim.ts";

/**
 * Reads the one mechanism a request uses.
 * @throws {S3Error} `AccessDenied` for none (nobody is anonymous here); `InvalidArgument` for two; those of the two
 *   parsers.
 */
export function parseSignatureClaim(request: S3Request): SignatureClaim {
  const { query, sentHeaders, headers } = request;
  const authorization = sentHeaders.get("authorization");
  if (authorization !== undefined && isPresigned(request)) {
    throw new S3Error("InvalidArgument", {
      message:
        "Only one auth mechanism allowed: the X-Amz-Algorithm query parameter or the Authorization header.",
      reason: "malformed",
    });
  }
  if (query.has("X-Amz-Security-Token") || headers.has("x-amz-security-token")) {
    throw new S3Error("InvalidToken", { reason: "session_token" });
  }
  if (authorization !== undefined) return parseAuthorizationHeader(authorization, request);
  if (isPresigned(request)) return parsePresignedQuery(request);
  throw new S3Error("AccessDenied", { reason: "missing_credentials" });
}

/** Whether the query of a request says, however badly, that it is presigned. */
export function isPresigned({ query }: S3Request): boolean {
  return query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature") ||
    query.has("X-Amz-Credential");
}
