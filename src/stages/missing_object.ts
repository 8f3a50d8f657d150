/**
 * What is missing where a HEAD, whose answer has no code, found nothing: the object, its version or the whole bucket.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList}.
 * @module
 */

import { discardBody, readFailure } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { Authorized, Exchange } from "./exchange.ts";

/**
 * Asks for the first byte of what `asked`, a HEAD, has not found.
 * @returns `NoSuchBucket` or `NoSuchVersion` where the backend says so, else `NoSuchKey`.
 * @throws {S3Error} those of the backend.
 */
export async function findMissing(
  authorized: Authorized,
  { exchange, asked }: { exchange: Exchange; asked: BackendRequest },
): Promise<S3Error> {
  const response = await exchange.send(authorized, {
    ...asked,
    method: "GET",
    headers: new Map(asked.headers).set("range", "bytes=0-0"),
  });
  if (response.status !== 404) {
    await discardBody(response);
    return new S3Error("NoSuchKey"); // somebody has written it in the meantime
  }
  const { code } = await readFailure(response);
  return new S3Error(code === "NoSuchBucket" || code === "NoSuchVersion" ? code : "NoSuchKey");
}
