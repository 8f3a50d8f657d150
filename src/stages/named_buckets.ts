/**
 * PutBucketLogging and PutBucketReplication name a second bucket, which the backend then writes to under the master key:
 * a user needs the same right there, and for replicas, which may overwrite and delete, the rights to do so everywhere in it.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { ByteBuffer } from "../lib/byte_buffer.ts";
import { concatBytes, encodeUtf8 } from "../lib/bytes.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import type { Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import { authorize, type Decision } from "../iam/authorize.ts";
import { type Answer, respond } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { type BucketName, type BucketNameRules, parseBucketName } from "../s3/names.ts";
import type { OperationName } from "../s3/operation_table.ts";
import { refuseGrants } from "../s3/public_access.ts";
import { REPLICATING_ACTIONS } from "../s3/required_access.ts";
import {
  childrenOf,
  formatAround,
  formatElement,
  readXml,
  textOf,
  type XmlElement,
} from "../s3/xml.ts";
import { authorizeAllObjects } from "./authorize_request.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildDocumentBody } from "./prepare_document.ts";
import { receiveDocument } from "./receive_document.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** `arn:aws:s3:::name`, and MinIO's `arn:minio:replication:REGION:ID:name`, a target that its administrator has registered. */
const BUCKET_ARN = /^arn:(?:aws[a-z-]*:s3::|minio:replication:[^:]*:[^:]*):([^:]*)$/;

/**
 * Answers it.
 * @throws {S3Error} `AccessDenied` without the rights in a bucket that is named, and for grants on log files and owners of replicas
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
  const { request, authenticated: { identity } } = authorized;
  const { operation } = request;
  const received = await receiveDocument(authorized, exchange);
  const root = ROOTS.get(operation.name);
  assert(root !== undefined, "The operation names buckets");
  const { names, bytes } = await DOCUMENT_QUEUE.run(
    identity.sharesAs,
    () => rewriteNaming(received, { root, blockPublicAccess }),
  );
  received.buffer.transfer(0); // V8 lets 64 MiB of such memory pile up before it collects
  for (const name of names) {
    const bucket = parseBucketName(name, bucketNames);
    const decision = await THREAD_TURNS.step(() => authorizeTarget(authorized, bucket));
    exchange.journey.decided(decision);
    if (!decision.allowed) throw new S3Error("AccessDenied", { reason: decision.reason });
  }
  const body = buildDocumentBody(bytes);
  const response = await exchange.send(authorized, buildBackendRequest(request, body));
  return await respond(response, { context: exchange.context, extraHeaders: [] });
}

/** Whether the backend may write to `bucket` for who asks. */
function authorizeTarget(
  { request: { operation }, authenticated: { identity: { policy } }, requestContext: context }:
    Authorized,
  bucket: BucketName,
): Decision {
  const needs = [{ action: operation.action, resource: { level: "bucket", bucket } }] as const;
  const decision = authorize(policy, { needs, context });
  if (!decision.allowed || operation.name !== "PutBucketReplication") return decision;
  return authorizeAllObjects(decision, { policy, bucket, context, actions: REPLICATING_ACTIONS });
}

/** What the documents are called. */
const ROOTS: ReadonlyMap<OperationName, string> = new Map<OperationName, string>([
  ["PutBucketLogging", "BucketLoggingStatus"],
  ["PutBucketReplication", "ReplicationConfiguration"],
]);

/** The buckets that a document names, and the document written anew: rule by rule, so that one is held at a time. */
function* rewriteNaming(
  received: Bytes,
  { root, blockPublicAccess }: { root: string; blockPublicAccess: boolean },
): Steps<{ names: ReadonlySet<string>; bytes: Bytes }> {
  const names = new Set<string>();
  const content = new ByteBuffer(LIMITS.documentPieceBytes);
  let count = 0;
  const onChild = (child: XmlElement): void => {
    // A role stands beside the rules.
    if (++count > LIMITS.replicationRulesMax + 1) throw new S3Error("MalformedXML");
    if (blockPublicAccess) refuseGrants(child);
    addNamedBuckets(names, child);
    content.append(encodeUtf8(formatElement(child)));
  };
  const childElementsMax = LIMITS.replicationRuleElementsMax;
  const element = yield* readXml(received, { root, onChild, childElementsMax });
  if (textOf(element).trim() !== "") throw new S3Error("MalformedXML");
  if (names.size > LIMITS.replicationRulesMax + 1) throw new S3Error("MalformedXML");
  const [head = "", tail = ""] = formatAround(element, "\0").split("\0");
  return { names, bytes: concatBytes([encodeUtf8(head), content.take(), encodeUtf8(tail)]) };
}

/** `<TargetBucket>name</TargetBucket>` of logging, `<Bucket>arn:aws:s3:::name</Bucket>` of replication; names of roles are none. */
function addNamedBuckets(names: Set<string>, element: XmlElement): void {
  const { name } = element;
  if (name !== "TargetBucket" && name !== "Bucket" && name !== "Role") {
    for (const child of childrenOf(element)) addNamedBuckets(names, child);
    return;
  }
  const text = textOf(element).trim();
  const [, named] = BUCKET_ARN.exec(text) ?? [];
  // MinIO takes the target of a role's place for that of every rule.
  if (name === "Role" && named === undefined) return;
  names.add(named ?? text);
}
