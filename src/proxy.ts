/**
 * The journey of a request, and the table of contents of this program:
 * parse → verify → authorize → prepare the body → sign and forward → respond → observe.
 * @module
 */

import type { UserDirectory } from "./config/user_directory.ts";
import type { Decision } from "./iam/authorize.ts";
import type { IpRange } from "./iam/ip_range.ts";
import type { KeyLock } from "./lib/key_lock.ts";
import type { UploadSlots } from "./payload/upload_slots.ts";
import {
  type Answer,
  type AnswerContext,
  respondEmpty,
  respondHealthy,
  respondWithError,
} from "./respond.ts";
import { answerPreflight, type CorsRule, listCorsHeaders } from "./s3/cors.ts";
import { parseResource } from "./s3/addressing.ts";
import { S3Error } from "./s3/error.ts";
import { verifyForEverybody } from "./s3/public_access.ts";
import {
  parseS3Request,
  type RawRequest,
  type RequestRules,
  type S3Request,
} from "./s3/request.ts";
import { parseRequestTarget } from "./s3/target.ts";
import { verifySignature } from "./sigv4/verify.ts";
import {
  authorizeRequest,
  buildRequestContext,
  verifySourceAddress,
} from "./stages/authorize_request.ts";
import { asksToCreate, sendCreating } from "./stages/create_only.ts";
import { answerDeleteObjects } from "./stages/delete_objects.ts";
import { type Authorized, buildBackendRequest, Exchange } from "./stages/exchange.ts";
import { explainDenial } from "./stages/explain_denial.ts";
import { answerListBuckets } from "./stages/list_buckets.ts";
import { answerPutNamingBuckets } from "./stages/named_buckets.ts";
import { type Ending, Journey, type Observers } from "./stages/observe.ts";
import { sendRead, verifySourcePreconditions } from "./stages/preconditions.ts";
import { type BodyRules, prepareBody, verifyNoBody } from "./stages/prepare_body.ts";
import { answerPutAcl } from "./stages/put_acl.ts";
import type { RequestSlots } from "./stages/request_slots.ts";
import { respondByOperation } from "./stages/respond_by_operation.ts";
import type { Backend } from "./upstream/backend.ts";
import type { BackendResponse } from "./upstream/backend_response.ts";

/** Everything of the configuration that a request depends on; a reload makes another one. */
export interface Snapshot {
  readonly requestRules: RequestRules;
  readonly corsRules: readonly CorsRule[];
  readonly findUser: UserDirectory;
  readonly clockSkewSecondsMax: number;
  /** The one region client signatures may be for; any, where it is `undefined`. */
  readonly signingRegion: string | undefined;
  readonly bodyRules: BodyRules;
  readonly backend: Backend;
  /** Every request is refused: this program is about to end. */
  readonly isStopping: boolean;
  readonly inFlightRequestsMax: number;
  /** Peers that tell who their client is. */
  readonly trustedProxies: readonly IpRange[];
}

/** What outlives a request, beside the snapshot. */
export interface Services extends Observers {
  readonly requestSlots: RequestSlots;
  readonly uploadSlots: UploadSlots;
  /** Of keys that may be created and not overwritten. */
  readonly keyLock: KeyLock;
}

/** An answer; `ended` is to be called once, when its last byte is out or the client has gone. */
export interface ProxyResponse {
  readonly answer: Answer;
  ended(ending: Ending): void;
}

type Allowed = Extract<Decision, { allowed: true }>;

/** What a request meets. */
interface Circumstances {
  readonly raw: RawRequest;
  readonly snapshot: Snapshot;
  readonly services: Services;
  readonly journey: Journey;
  readonly exchange: Exchange;
}

/** Answers a request. Never rejects: whatever goes wrong is an S3 error. */
export async function proxyRequest(
  raw: RawRequest,
  { snapshot, services }: { snapshot: Snapshot; services: Services },
): Promise<ProxyResponse> {
  const journey = new Journey(raw, services);
  const context = describeRequest(raw, journey.requestId);
  const exchange = new Exchange({ backend: snapshot.backend, journey, context });
  let request: S3Request | undefined;
  let answer: Answer;
  try {
    if (snapshot.isStopping) {
      throw new S3Error("ServiceUnavailable", {
        message: "This server is about to stop. Please try again.",
        reason: "stopping",
      });
    }
    if (raw.method === "OPTIONS") {
      answer = answerCorsPreflight(raw, { snapshot, context });
    } else if (isHealthCheck(raw, snapshot.requestRules)) {
      answer = respondHealthy(context);
    } else {
      exchange.onRelease(services.requestSlots.take(snapshot.inFlightRequestsMax));
      request = parseS3Request(raw, snapshot.requestRules);
      journey.parsed(request);
      answer = await answerRequest(request, { raw, snapshot, services, journey, exchange });
    }
  } catch (error) {
    journey.failed(error);
    // The only catch-all: what is not an S3Error is our own mistake, and says nothing to the client.
    const shown = error instanceof S3Error ? error : new S3Error("InternalError");
    answer = respondWithError(shown, context);
  }
  answer.headers.push(...listCorsHeaders(raw, {
    rules: snapshot.corsRules,
    addressing: snapshot.requestRules,
    resource: request?.resource,
  }));
  journey.answered(answer);
  return {
    answer,
    ended: (ending) => {
      exchange.release();
      journey.ended(ending);
    },
  };
}

async function answerRequest(request: S3Request, circumstances: Circumstances): Promise<Answer> {
  const { raw, snapshot, services, journey, exchange } = circumstances;
  const now = services.clock();
  const { trace } = journey;
  const authenticated = verifySignature(request, {
    lookup: (accessKeyId) => snapshot.findUser(accessKeyId, now),
    now,
    clockSkewSecondsMax: snapshot.clockSkewSecondsMax,
    region: snapshot.signingRegion,
    claimed: (accessKeyId) => journey.claimed(accessKeyId),
    ...(trace === undefined ? {} : { trace }),
  });
  const { identity } = authenticated;
  journey.authenticated(identity);

  const { clientAddress } = raw;
  const requestContext = buildRequestContext(request, { authenticated, clientAddress, now });
  verifySourceAddress(identity, requestContext);
  const decision = authorizeRequest(request, { identity, context: requestContext });
  journey.decided(decision);
  const authorized: Authorized = { raw, request, authenticated, requestContext, now };
  if (!decision.allowed) throw await explainDenial(authorized, { decision, exchange });
  const { blockPublicAccess } = snapshot.bodyRules;
  verifyForEverybody(request, { ownerId: identity.name, blockPublicAccess });
  await verifyNoBody(request, raw);

  switch (request.operation.name) {
    case "ListBuckets": {
      const { requestRules: { bucketNames }, bodyRules: { region } } = snapshot;
      return await answerListBuckets(authorized, { exchange, bucketNames, region });
    }
    case "DeleteObjects":
      return await answerDeleteObjects(authorized, exchange);
    case "PutBucketAcl":
    case "PutObjectAcl":
      return await answerPutAcl(authorized, { exchange, blockPublicAccess });
    case "PutBucketLogging":
    case "PutBucketReplication": {
      const { bucketNames } = snapshot.requestRules;
      return await answerPutNamingBuckets(authorized, { exchange, blockPublicAccess, bucketNames });
    }
    default:
      return await forwardRequest(authorized, { ...circumstances, decision });
  }
}

/** The way of nearly every operation. */
async function forwardRequest(
  authorized: Authorized,
  { snapshot, services, exchange, decision }: Circumstances & { decision: Allowed },
): Promise<Answer> {
  const { request, authenticated, raw } = authorized;
  const { bodyRules: rules, requestRules: { trustPreconditions } } = snapshot;
  const { uploadSlots, keyLock } = services;
  if (!trustPreconditions && request.copySource !== undefined) {
    const refusal = await verifySourcePreconditions(authorized, exchange);
    if (refusal !== undefined) return refusal;
  }
  const prepared = await prepareBody(request, { raw, authenticated, rules, uploadSlots });
  exchange.onRelease(() => prepared.release());
  let broken: S3Error | undefined;
  prepared.proof.catch((error) => {
    if (error instanceof S3Error) broken = error;
  });
  const createOnly = decision.createOnly || !trustPreconditions && asksToCreate(request);
  let response: BackendResponse;
  try {
    const toBackend = buildBackendRequest(request, prepared);
    response = createOnly
      ? await sendCreating(authorized, { request: toBackend, exchange, keyLock })
      : request.operation.name === "GetObject" && request.headers.has("if-range")
      ? await sendRead(authorized, { request: toBackend, exchange })
      : await exchange.send(authorized, toBackend);
  } catch (error) {
    // A body that breaks its promise breaks off its request to the backend: the promise is the reason.
    throw broken ?? error;
  }
  const { proof } = prepared;
  return await respondByOperation(authorized, { exchange, response, proof, region: rules.region });
}

function answerCorsPreflight(
  raw: RawRequest,
  { snapshot, context }: { snapshot: Snapshot; context: AnswerContext },
): Answer {
  const { corsRules: rules, requestRules: addressing } = snapshot;
  return respondEmpty(answerPreflight(raw, { rules, addressing }), context);
}

function describeRequest({ method, target }: RawRequest, requestId: string): AnswerContext {
  const queryAt = target.indexOf("?");
  return { method, path: queryAt < 0 ? target : target.slice(0, queryAt), requestId };
}

/** `GET /` and `HEAD /` with neither a query nor a signature: a load balancer asks whether anybody is there. */
function isHealthCheck(
  { method, target, authority, headers }: RawRequest,
  addressing: RequestRules,
): boolean {
  return (method === "GET" || method === "HEAD") && target === "/" &&
    !headers.has("authorization") &&
    parseResource(parseRequestTarget(target), { authority, addressing }).level === "service";
}
