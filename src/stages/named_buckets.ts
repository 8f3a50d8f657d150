/**
 * PutBucketLogging and PutBucketReplication name a second bucket, which the backend then writes to under the master key:
 * a user needs the same right there.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html}.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import { authorize } from "../iam/authorize.ts";
import { type Answer, respond } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { type BucketName, type BucketNameRules, parseBucketName } from "../s3/names.ts";
import { refuseGrants } from "../s3/public_access.ts";
import { childrenOf, formatXml, readXml, textOf, type XmlElement } from "../s3/xml.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildDocumentBody } from "./prepare_document.ts";
import { receiveDocument } from "./receive_document.ts";

/** `arn:aws:s3:::name`, and MinIO's `arn:minio:replication:REGION:ID:name`, a target that its administrator has registered. */
const BUCKET_ARN = /^arn:(?:aws[a-z-]*:s3::|minio:replication:[^:]*:[^:]*):([^:]*)$/;

/**
 * Answers it.
 * @throws {S3Error} `AccessDenied` without the right on a bucket that is named, and for grants on log files
 *   while `blockPublicAccess`; `MalformedXML`; `InvalidBucketName`; those of the backend.
 */
export async function answerPutNamingBuckets(
  authorized: Authorized,
  { exchange, blockPublicAccess, bucketNames }: {
    exchange: Exchange;
    blockPublicAccess: boolean;
    bucketNames: BucketNameRules;
  },
): Promise<Answer> {
  const { request, authenticated: { identity }, requestContext } = authorized;
  const received = await receiveDocument(authorized, exchange);
  const document = await DOCUMENT_QUEUE.run(identity.sharesAs, () => readXml(received));
  if (blockPublicAccess) refuseGrants(document);
  for (const bucket of listNamedBuckets(document, bucketNames)) {
    const needs = [{
      action: request.operation.action,
      resource: { level: "bucket", bucket },
    }] as const;
    const decision = authorize(identity.policy, { needs, context: requestContext });
    exchange.journey.decided(decision);
    if (!decision.allowed) throw new S3Error("AccessDenied", { reason: decision.reason });
  }
  const body = buildDocumentBody(encodeUtf8(formatXml(document)));
  const response = await exchange.send(authorized, buildBackendRequest(request, body));
  return await respond(response, { context: exchange.context, extraHeaders: [] });
}

/** `<TargetBucket>name</TargetBucket>` of logging, `<Bucket>arn:aws:s3:::name</Bucket>` of replication; names of roles are none. */
function listNamedBuckets(element: XmlElement, rules: BucketNameRules): BucketName[] {
  const { name } = element;
  if (name !== "TargetBucket" && name !== "Bucket" && name !== "Role") {
    return childrenOf(element).flatMap((child) => listNamedBuckets(child, rules));
  }
  const text = textOf(element).trim();
  const [, named] = BUCKET_ARN.exec(text) ?? [];
  // MinIO takes the target of a role's place for that of every rule.
  if (name === "Role" && named === undefined) return [];
  return [parseBucketName(named ?? text, rules)];
}
