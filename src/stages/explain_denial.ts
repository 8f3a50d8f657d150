/**
 * What a client is told of a denial: AccessDenied, but for a bucket that it need not create, because it is there.
 * @module
 */

import type { Decision } from "../iam/authorize.ts";
import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { showsBucket } from "./authorize_request.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";

/**
 * The error of a denied request. rclone's copies, and other tools, begin with CreateBucket: where the bucket is there and
 * ListBuckets shows it to this user, `BucketAlreadyOwnedByYou` tells no more, and they go on.
 * @throws {S3Error} `SlowDown` and the like, where the backend is to be asked and cannot answer.
 */
export async function explainDenial(
  authorized: Authorized,
  { decision: { reason }, exchange }: {
    decision: Extract<Decision, { allowed: false }>;
    exchange: Exchange;
  },
): Promise<S3Error> {
  const { request, authenticated: { identity }, requestContext: context } = authorized;
  const { operation, resource } = request;
  const isThere = operation.name === "CreateBucket" && resource.level === "bucket" &&
    showsBucket(identity, { bucket: resource.bucket, context }) &&
    await isBucket(authorized, exchange);
  return new S3Error(isThere ? "BucketAlreadyOwnedByYou" : "AccessDenied", { reason });
}

async function isBucket(authorized: Authorized, exchange: Exchange): Promise<boolean> {
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(authorized.request),
    method: "HEAD",
    headers: new Map(),
    parameters: new Map(),
  });
  await discardBody(response);
  if (response.status === 429 || response.status === 503) throw new S3Error("SlowDown");
  return response.status === 200;
}
