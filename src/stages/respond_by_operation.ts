/**
 * The response of a forwarded operation: most pass as they are, some XML is made right.
 * @module
 */

import type { Identity } from "../iam/identity.ts";
import type { ProvenChecksum } from "../payload/checksum.ts";
import { LIMITS } from "../limits.ts";
import {
  type Answer,
  discardBody,
  type HeaderList,
  rejectResponse,
  respond,
  respondEmpty,
} from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { readTransitionMinimum, TRANSITION_MINIMUM } from "../s3/lifecycle.ts";
import type { S3Request } from "../s3/request.ts";
import {
  buildLocationConstraint,
  completeUploadResult,
  LISTINGS,
  OPERATIONS_WITH_ACLS,
  type Owner,
  replaceOwners,
} from "../s3/response_documents.ts";
import { findSetting, notImplemented } from "../s3/settings.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import type { XmlElement } from "../s3/xml.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";
import { type BackendResponse, isSuccess } from "../upstream/backend_response.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import type { PreparedBody } from "./prepared_body.ts";
import { respondWithListing } from "./respond_listing.ts";
import { respondWithSetting } from "./respond_setting.ts";
import { listTold } from "./backend_checksums.ts";
import { findWrongAnswer } from "./verify_answer.ts";
import { respondRewritten } from "./respond_rewritten.ts";
import { withholdHeaders } from "./withheld_headers.ts";

/** What a response depends on beside the backend's. */
export interface RespondOptions {
  readonly exchange: Exchange;
  readonly response: BackendResponse;
  readonly proof: PreparedBody["proof"];
  readonly capabilities: Capabilities;
  /** The region that clients are told to sign for. */
  readonly region: string;
}

/**
 * Answers with the backend's response; what passes as it is, is there at once.
 * @throws {S3Error} as {@linkcode respond}; `BadGateway` for an upload that is answered without ETag: whoever that was, it
 *   is no S3, and has stored nothing.
 */
export function respondByOperation(
  authorized: Authorized,
  { exchange, response, proof, capabilities, region }: RespondOptions,
): Answer | Promise<Answer> {
  const { request, authenticated: { identity } } = authorized;
  const { context } = exchange;
  const wrong = findWrongAnswer(request, { response, capabilities });
  if (wrong !== undefined) return discardBody(response).then(() => Promise.reject(wrong));
  switch (request.operation.name) {
    case "GetBucketLocation":
      return respondRewritten(response, {
        context,
        rewrite: () => buildLocationConstraint(region),
      });
    case "HeadBucket":
      // Tells only the bucket's region, because a user with rights in one folder of it may ask, too.
      if (response.status === 200) {
        const answer = respondEmpty([["x-amz-bucket-region", region]], context);
        return discardBody(response).then(() => answer);
      }
      break;
    case "CompleteMultipartUpload":
      return respondToCompletion(authorized, { exchange, response });
    case "PutObject":
    case "UploadPart":
      if (isSuccess(response) && !response.headers.has("etag")) {
        return rejectResponse(response, "backend_answered_without_etag");
      }
      break;
    case "CopyObject":
    case "CreateMultipartUpload":
    case "UploadPartCopy": {
      const extraHeaders = listTold(request, { response, capabilities });
      return respondRewritten(response, { context, extraHeaders, rewrite: (root) => root });
    }
  }
  if (LISTINGS.has(request.operation.name)) {
    return respondWithListing(response, { request, context, owner: buildOwner(identity) });
  }
  if (OPERATIONS_WITH_ACLS.has(request.operation.name)) {
    return respondRewritten(response, {
      context,
      bytesMax: LIMITS.aclBytesMax,
      rewrite: (root) => rewriteAcl(root, { authorized, exchange }),
    });
  }
  if (request.method === "GET" && findSetting(request.operation) !== undefined) {
    const extraHeaders = listLifecycleHeaders(request, response);
    return respondWithSetting(response, { ...request, context, extraHeaders });
  }
  const extraHeaders = listTold(request, { response, capabilities });
  extraHeaders.push(...listLifecycleHeaders(request, response), ...listLocation(request, response));
  if (proof !== undefined && response.status < 300) {
    return respondProven(response, { proof, context, extraHeaders });
  }
  const answer = respond(response, { context, extraHeaders });
  const { name } = request.operation;
  const isRead = name === "GetObject" || name === "HeadObject";
  // What has to be waited for is no object.
  return isRead && !(answer instanceof Promise) ? withholdHeaders(answer, authorized) : answer;
}

async function respondToCompletion(
  authorized: Authorized,
  { exchange, response }: { exchange: Exchange; response: BackendResponse },
): Promise<Answer> {
  if (response.status === 500) {
    await discardBody(response);
    return await explainFailedCompletion(authorized, exchange);
  }
  return await respondRewritten(response, {
    context: exchange.context,
    rewrite: async (root) =>
      completeUploadResult(root, {
        location: formatLocation(authorized.request),
        eTag: await readETag(authorized, { exchange, completed: response }),
      }),
  });
}

async function respondProven(
  response: BackendResponse,
  { proof, context, extraHeaders }: {
    proof: NonNullable<PreparedBody["proof"]>;
    context: Exchange["context"];
    extraHeaders: HeaderList;
  },
): Promise<Answer> {
  const checksum = await readProof(proof);
  const told: HeaderList = checksum === undefined ? [] : [[checksum.header, checksum.value]];
  return await respond(response, { context, extraHeaders: [...told, ...extraHeaders] });
}

function rewriteAcl(
  root: XmlElement,
  { authorized, exchange }: { authorized: Authorized; exchange: Exchange },
): XmlElement {
  const { request: { operation }, authenticated: { identity } } = authorized;
  if (root.name !== "AccessControlPolicy") throw notImplemented(operation);
  const { masterAccessKeyId } = exchange;
  return replaceOwners(root, { owner: buildOwner(identity), masterAccessKeyId });
}

/** Where a bucket that was created is, as S3 writes it. */
function listLocation({ operation, resource }: S3Request, response: BackendResponse): HeaderList {
  if (operation.name !== "CreateBucket" || resource.level !== "bucket") return [];
  return isSuccess(response) ? [["location", `/${resource.bucket}`]] : [];
}

/** What S3 says of transitions beside a lifecycle, where the backend does not. */
function listLifecycleHeaders(request: S3Request, response: BackendResponse): HeaderList {
  const { name } = request.operation;
  const isOfLifecycle = name === "GetBucketLifecycleConfiguration" ||
    name === "PutBucketLifecycleConfiguration";
  if (!isOfLifecycle || response.headers.has(TRANSITION_MINIMUM)) return [];
  return [[TRANSITION_MINIMUM, readTransitionMinimum(request)]];
}

/**
 * The proof of a body that the backend says it has stored. One that answers so before it has read all of it, and hangs
 * up, has stored nothing that was proven.
 */
async function readProof(
  proof: Promise<ProvenChecksum | undefined>,
): Promise<ProvenChecksum | undefined> {
  try {
    return await proof;
  } catch (cause) {
    throw cause instanceof S3Error ? cause : new S3Error("BadGateway", { cause });
  }
}

/** The owner of everything a user sees: the user. */
export function buildOwner({ name }: Identity): Owner {
  return { id: name, displayName: name };
}

/** RGW's answer to CompleteMultipartUpload has an empty ETag; the object itself tells. */
async function readETag(
  authorized: Authorized,
  { exchange, completed }: { exchange: Exchange; completed: BackendResponse },
): Promise<string | undefined> {
  const versionId = completed.headers.get("x-amz-version-id");
  try {
    const response = await exchange.send(authorized, {
      ...buildBackendRequest(authorized.request),
      method: "HEAD",
      headers: new Map(),
      parameters: new Map(versionId === null ? [] : [["versionId", versionId]]),
    });
    return isSuccess(response) ? response.headers.get("etag") ?? undefined : undefined;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    // The object is complete, so an answer without its ETag is better than an error.
    return undefined;
  }
}

/** RGW 16 answers 500, which clients repeat, where there is no such upload: its parts tell. */
async function explainFailedCompletion(
  authorized: Authorized,
  exchange: Exchange,
): Promise<never> {
  const listed = await exchange.send(authorized, {
    ...buildBackendRequest(authorized.request),
    method: "GET",
    headers: new Map(),
  });
  await discardBody(listed);
  throw listed.status === 404
    ? new S3Error("NoSuchUpload")
    : new S3Error("InternalError", { reason: "backend answered 500" });
}

/** The object's URL as the client addresses it. */
function formatLocation({ scheme, authority, path }: S3Request): string {
  return `${scheme}://${authority}${uriEncodePath(path)}`;
}
