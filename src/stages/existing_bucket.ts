/**
 * Some stores make the bucket that an object is written to, so a user who may not make buckets could make one.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { authorize } from "../iam/authorize.ts";
import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { OperationName } from "../s3/operation_table.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";

const MAKING: ReadonlySet<OperationName> = new Set<OperationName>([
  "CopyObject",
  "CreateMultipartUpload",
  "PutObject",
]);

/**
 * Looks whether the bucket is there, on a store that would make it, for a user who may not.
 * @throws {S3Error} `NoSuchBucket`; `SlowDown` and `BadGateway` where the backend does not tell.
 */
export async function verifyBucketIsThere(
  authorized: Authorized,
  exchange: Exchange,
): Promise<void> {
  const { request, requestContext: context, authenticated: { identity: { policy } } } = authorized;
  if (!MAKING.has(request.operation.name)) return;
  assert(request.resource.level === "object", "Only objects are made in buckets");
  const { bucket } = request.resource;
  const resource = { level: "bucket", bucket } as const;
  if (authorize(policy, { needs: [{ action: "s3:CreateBucket", resource }], context }).allowed) {
    return;
  }
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(request),
    method: "HEAD",
    resource,
    parameters: new Map(),
    headers: new Map(),
  });
  await discardBody(response);
  switch (response.status) {
    case 200:
      return;
    case 404:
      throw new S3Error("NoSuchBucket");
    case 429:
    case 503:
      throw new S3Error("SlowDown");
    default:
      throw new S3Error("BadGateway", {
        reason: `cannot tell whether the bucket exists: ${response.status}`,
      });
  }
}
