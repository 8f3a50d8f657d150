/**
 * Signature Version 2, which is refused.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html}.
 * @module
 */

import { S3Error } from "./error.ts";

const PARAMETERS = ["AWSAccessKeyId", "Expires", "Signature"];

/**
 * Refuses it by its name, before anything of it is taken for something else: it signs parameters that no operation has.
 * @throws {S3Error} `InvalidRequest`, which says what to use.
 */
export function refuseSignatureVersion2(
  query: ReadonlyMap<string, string>,
  headers: ReadonlyMap<string, string>,
): void {
  if (
    PARAMETERS.some((name) => query.has(name)) ||
    headers.get("authorization")?.startsWith("AWS ")
  ) {
    throw new S3Error("InvalidRequest", {
      message: "Signature Version 2 is not supported. Please use AWS4-HMAC-SHA256.",
      reason: "unsupported_algorithm",
    });
  }
}
