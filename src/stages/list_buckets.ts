/**
 * ListBuckets: the backend lists the master's buckets; a user sees those that its rules touch.
 * @module
 */

import { touchesBucket } from "../iam/authorize.ts";
import type { Answer } from "../respond.ts";
import { buildListBuckets, parseListBuckets } from "../s3/list_buckets.ts";
import { type BucketName, type BucketNameRules, parseBucketName } from "../s3/names.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildOwner } from "./respond_by_operation.ts";
import { respondRewritten } from "./respond_rewritten.ts";

/** Answers it. @throws {S3Error} `InvalidArgument` for its parameters; those of the backend. */
export async function answerListBuckets(
  authorized: Authorized,
  { exchange, bucketNames, region }: {
    exchange: Exchange;
    bucketNames: BucketNameRules;
    region: string;
  },
): Promise<Answer> {
  const { request, authenticated: { identity }, requestContext } = authorized;
  const asked = parseListBuckets(request.parameters);
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(request),
    parameters: new Map(),
  });
  const isVisible = (name: string): boolean => {
    const bucket = tryParseBucketName(name, bucketNames);
    return bucket !== undefined &&
      touchesBucket(identity.policy, { bucket, context: requestContext });
  };
  return await respondRewritten(response, {
    context: exchange.context,
    rewrite: (root) =>
      buildListBuckets(root, { request: asked, owner: buildOwner(identity), isVisible, region }),
  });
}

/** A bucket of the backend that could not be asked for here is not shown either. */
function tryParseBucketName(name: string, rules: BucketNameRules): BucketName | undefined {
  try {
    return parseBucketName(name, rules);
  } catch {
    return undefined;
  }
}
