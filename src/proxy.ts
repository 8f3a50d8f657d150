/**
 * The journey of a request, and the table of contents of this program:
 * parse → verify → authorize → prepare the body → sign and forward → respond → observe.
 * @module
 */

import { authorizeRequest, buildRequestContext, verifySourceAddress } from "./authorize_request.ts";
import { type Backend, type BackendRequest, sendToBackend } from "./backend.ts";
import type { UserDirectory } from "./config/user_directory.ts";
import { buildDeleteRequests, buildDeleteResult } from "./delete_objects.ts";
import { authorize, touchesBucket } from "./iam/authorize.ts";
import type { Identity } from "./iam/identity.ts";
import type { RequestContext } from "./iam/request_context.ts";
import { LIMITS } from "./limits.ts";
import { type Ending, Journey, type Observers } from "./observe.ts";
import { decodeDocument, readDocument } from "./payload/read_document.ts";
import type { UploadSlots } from "./payload/upload_slots.ts";
import { type BodyRules, prepareBody, type PreparedBody } from "./prepare_body.ts";
import {
  type Answer,
  type AnswerContext,
  parseBackendXml,
  readText,
  respond,
  respondHealthy,
  respondRewritten,
  respondWithError,
  respondWithXml,
} from "./respond.ts";
import { S3Error } from "./s3/error.ts";
import { buildListBuckets, parseListBuckets } from "./s3/list_buckets.ts";
import { type BucketName, parseBucketName } from "./s3/names.ts";
import { refusePublicAccess } from "./s3/public_access.ts";
import {
  parseS3Request,
  type RawRequest,
  type RequestRules,
  type S3Request,
} from "./s3/request.ts";
import { type ObjectIdentifier, parseDeleteRequest } from "./s3/request_documents.ts";
import { requiredToDelete } from "./s3/required_access.ts";
import {
  buildLocationConstraint,
  completeUploadResult,
  OPERATIONS_WITH_OWNERS,
  replaceOwners,
} from "./s3/response_documents.ts";
import { UNSIGNED_PAYLOAD } from "./sigv4/content_sha256.ts";
import { type Authenticated, verifySignature } from "./sigv4/verify.ts";
import type { UpstreamResponse } from "./upstream/forward.ts";
import { buildUpstreamHeaders } from "./upstream/headers.ts";

/** Everything of the configuration that a request depends on; a reload makes another one. */
export interface Snapshot {
  readonly requestRules: RequestRules;
  readonly findUser: UserDirectory;
  readonly clockSkewSecondsMax: number;
  /** The one region client signatures may be for; any, where it is `undefined`. */
  readonly signingRegion: string | undefined;
  readonly bodyRules: BodyRules;
  readonly backend: Backend;
}

/** What outlives a request, beside the snapshot. */
export interface Services extends Observers {
  readonly uploadSlots: UploadSlots;
}

/** A response; `ended` is to be called once, when its last byte is out or the client has gone. */
export interface ProxyResponse {
  readonly response: Response;
  ended(ending: Ending): void;
}

/** An authorized request, and all that was learned about it. */
interface Authorized {
  readonly raw: RawRequest;
  readonly request: S3Request;
  readonly authenticated: Authenticated<Identity>;
  readonly requestContext: RequestContext;
  readonly now: Date;
}

/** Answers a request. Never rejects: whatever goes wrong is an S3 error. */
export async function proxyRequest(
  raw: RawRequest,
  { snapshot, services }: { snapshot: Snapshot; services: Services },
): Promise<ProxyResponse> {
  const journey = new Journey(raw, services);
  const context = describeRequest(raw, journey.requestId);
  const exchange = new Exchange(raw, { snapshot, services, journey, context });
  let answer: Answer;
  try {
    answer = await exchange.answer();
  } catch (error) {
    journey.failed(error);
    // The only catch-all: what is not an S3Error is our own mistake, and says nothing to the client.
    answer = respondWithError(
      error instanceof S3Error ? error : new S3Error("InternalError"),
      context,
    );
  }
  return {
    response: answer.response,
    ended: (ending) => {
      exchange.release();
      journey.ended(answer, ending);
    },
  };
}

function describeRequest({ method, target }: RawRequest, requestId: string): AnswerContext {
  const queryAt = target.indexOf("?");
  return { method, path: queryAt < 0 ? target : target.slice(0, queryAt), requestId };
}

/** One request on its way: the order of the stages, and what has to be given back in the end. */
class Exchange {
  readonly #raw: RawRequest;
  readonly #snapshot: Snapshot;
  readonly #services: Services;
  readonly #journey: Journey;
  readonly #context: AnswerContext;
  readonly #releases: (() => void)[] = [];

  constructor(
    raw: RawRequest,
    { snapshot, services, journey, context }: {
      snapshot: Snapshot;
      services: Services;
      journey: Journey;
      context: AnswerContext;
    },
  ) {
    this.#raw = raw;
    this.#snapshot = snapshot;
    this.#services = services;
    this.#journey = journey;
    this.#context = context;
  }

  /** Gives back connections, slots and timers. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  /** Takes the request through the stages. @throws {S3Error} for every refusal. */
  async answer(): Promise<Answer> {
    const raw = this.#raw;
    const now = this.#services.clock();
    const request = parseS3Request(raw, this.#snapshot.requestRules);
    this.#journey.parsed(request);
    if (isHealthCheck(request)) return respondHealthy(this.#context);

    const { findUser, clockSkewSecondsMax, signingRegion, bodyRules } = this.#snapshot;
    const trace = this.#journey.trace;
    const authenticated = await verifySignature(request, {
      lookup: (accessKeyId) => findUser(accessKeyId, now),
      now,
      clockSkewSecondsMax,
      region: signingRegion,
      ...(trace === undefined ? {} : { trace }),
    });
    const { identity } = authenticated;
    this.#journey.authenticated(identity);

    const requestContext = buildRequestContext(request, authenticated, {
      clientAddress: raw.clientAddress,
      now,
    });
    verifySourceAddress(identity, requestContext);
    const decision = authorizeRequest(request, { identity, context: requestContext });
    this.#journey.decided(decision);
    if (!decision.allowed) throw new S3Error("AccessDenied", { reason: decision.reason });
    if (bodyRules.blockPublicAccess) refusePublicAccess(request);

    const authorized: Authorized = { raw, request, authenticated, requestContext, now };
    switch (request.operation.name) {
      case "ListBuckets":
        return await this.#listBuckets(authorized);
      case "DeleteObjects":
        return await this.#deleteObjects(authorized);
      default:
        return await this.#forward(authorized);
    }
  }

  /** The way of nearly every operation. */
  async #forward(authorized: Authorized): Promise<Answer> {
    const { request, authenticated, raw } = authorized;
    const prepared = await prepareBody(request, {
      raw,
      authenticated,
      rules: this.#snapshot.bodyRules,
      uploadSlots: this.#services.uploadSlots,
    });
    this.#releases.push(() => prepared.release());
    let broken: S3Error | undefined;
    prepared.proof.catch((error) => {
      if (error instanceof S3Error) broken = error;
    });
    let upstream: UpstreamResponse;
    try {
      upstream = await this.#send(authorized, buildBackendRequest(request, prepared));
    } catch (error) {
      // A body that breaks its promise breaks its request to the backend off: the promise is the reason.
      throw broken ?? error;
    }
    return await this.#respond(authorized, { prepared, response: upstream.response });
  }

  async #respond(
    authorized: Authorized,
    { prepared, response }: { prepared: PreparedBody; response: Response },
  ): Promise<Answer> {
    const { request, authenticated } = authorized;
    const context = this.#context;
    switch (request.operation.name) {
      case "GetBucketLocation":
        return await respondRewritten(response, {
          context,
          rewrite: () => buildLocationConstraint(this.#snapshot.bodyRules.region),
        });
      case "CompleteMultipartUpload":
        return await respondRewritten(response, {
          context,
          rewrite: async (root) =>
            completeUploadResult(root, {
              location: formatLocation(request),
              eTag: await this.#readETag(authorized, response),
            }),
        });
      case "CopyObject":
      case "UploadPartCopy":
        return await respondRewritten(response, { context, rewrite: (root) => root });
    }
    if (namesOwners(request)) {
      const owner = buildOwner(authenticated.identity);
      return await respondRewritten(response, {
        context,
        rewrite: (root) => replaceOwners(root, owner),
      });
    }
    if (response.status >= 300) return await respond(response, { context, extraHeaders: [] });
    const checksum = await prepared.proof;
    return await respond(response, {
      context,
      extraHeaders: checksum === undefined ? [] : [[checksum.header, checksum.value]],
    });
  }

  /** The backend lists the master's buckets; this user sees some of them. */
  async #listBuckets(authorized: Authorized): Promise<Answer> {
    const { request, authenticated: { identity }, requestContext } = authorized;
    const asked = parseListBuckets(request.parameters);
    const { bucketNames } = this.#snapshot.requestRules;
    const { response } = await this.#send(authorized, {
      ...buildBackendRequest(request, NO_BODY),
      parameters: new Map(),
    });
    return await respondRewritten(response, {
      context: this.#context,
      rewrite: (root) =>
        buildListBuckets(root, {
          request: asked,
          owner: buildOwner(identity),
          isVisible: (name) => {
            const bucket = tryParseBucketName(name, bucketNames);
            return bucket !== undefined &&
              touchesBucket(identity.policy, { bucket, context: requestContext });
          },
        }),
    });
  }

  /** Decided key by key. */
  async #deleteObjects(authorized: Authorized): Promise<Answer> {
    const { request, authenticated: { identity, payloadHash }, requestContext, raw } = authorized;
    const { resource, headers } = request;
    if (resource.level !== "bucket") throw new S3Error("MethodNotAllowed");
    const document = await readDocument(raw.body, { headers, payloadHash });
    const asked = parseDeleteRequest(decodeDocument(document));
    const allowed: ObjectIdentifier[] = [];
    const refused: ObjectIdentifier[] = [];
    for (const object of asked.objects) {
      const needs = [requiredToDelete(resource.bucket, object)];
      const context = { ...requestContext, versionId: object.versionId };
      const isAllowed = authorize(identity.policy, { needs, context }).allowed;
      (isAllowed ? allowed : refused).push(object);
    }
    const results = [];
    for (const part of buildDeleteRequests(request, { ...asked, objects: allowed })) {
      const { response } = await this.#send(authorized, part);
      if (response.status !== 200) {
        return await respond(response, { context: this.#context, extraHeaders: [] });
      }
      results.push(parseBackendXml(await readText(response, LIMITS.rewrittenXmlBytesMax)));
    }
    const result = buildDeleteResult(results, refused);
    return respondWithXml(result, { context: this.#context, headers: [] });
  }

  /** RGW's answer to CompleteMultipartUpload has an empty ETag; the object itself tells. */
  async #readETag(authorized: Authorized, completed: Response): Promise<string | undefined> {
    const { request } = authorized;
    const versionId = completed.headers.get("x-amz-version-id");
    const { response } = await this.#send(authorized, {
      ...buildBackendRequest(request, NO_BODY),
      method: "HEAD",
      headers: new Map(),
      parameters: new Map(versionId === null ? [] : [["versionId", versionId]]),
    });
    return response.ok ? response.headers.get("etag") ?? undefined : undefined;
  }

  async #send(authorized: Authorized, request: BackendRequest): Promise<UpstreamResponse> {
    const { backend } = this.#snapshot;
    const { now, raw } = authorized;
    const upstream = await sendToBackend(request, { backend, now, clientGone: raw.clientGone });
    this.#releases.push(() => upstream.finished());
    this.#journey.forwarded(upstream, request.bytes);
    return upstream;
  }
}

const NO_BODY = {
  body: { kind: "none" },
  bytes: 0,
  payloadHash: UNSIGNED_PAYLOAD,
  contentMd5: undefined,
} as const;

/** `GET /` and `HEAD /` with neither a query nor a signature: a load balancer asks whether anybody is there. */
function isHealthCheck({ resource, method, query, sentHeaders }: S3Request): boolean {
  return resource.level === "service" && (method === "GET" || method === "HEAD") &&
    query.size === 0 && !sentHeaders.has("authorization");
}

function buildBackendRequest(
  request: S3Request,
  { body, bytes, payloadHash, contentMd5 }: Omit<PreparedBody, "proof" | "release">,
): BackendRequest {
  const headers = buildUpstreamHeaders(request);
  if (contentMd5 !== undefined) headers.set("content-md5", contentMd5);
  const { method, resource, parameters } = request;
  return { method, resource, parameters, headers, payloadHash, body, bytes };
}

/** ListObjectsV2 names owners only when it is asked to. */
function namesOwners({ operation: { name }, parameters }: S3Request): boolean {
  if (!OPERATIONS_WITH_OWNERS.has(name)) return false;
  return name !== "ListObjectsV2" || parameters.get("fetch-owner") === "true";
}

function buildOwner({ name }: Identity): { id: string; displayName: string } {
  return { id: name, displayName: name };
}

/** The object's URL as the client addresses it. */
function formatLocation({ scheme, authority, path }: S3Request): string {
  return `${scheme}://${authority}${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** A bucket of the backend that could not be asked for here is not shown either. */
function tryParseBucketName(
  name: string,
  rules: RequestRules["bucketNames"],
): BucketName | undefined {
  try {
    return parseBucketName(name, rules);
  } catch {
    return undefined;
  }
}
