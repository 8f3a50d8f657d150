/**
 * The journey of a request, and the table of contents of this program:
 * parse → verify → authorize → prepare the body → sign and forward → respond → observe.
 * @module
 */

import type { KeyDirectory } from "./config/session_directory.ts";
import { type Identity, readShareUser } from "./iam/identity.ts";
import type { IpRange } from "./iam/ip_range.ts";
import type { KeyLock } from "./lib/key_lock.ts";
import type { UploadSlots } from "./payload/upload_slots.ts";
import { type Answer, freeBody, respondEmpty, respondHealthy } from "./respond.ts";
import { answerPreflight, type CorsRule, listCorsHeaders } from "./s3/cors.ts";
import { S3Error } from "./s3/error.ts";
import { verifyForEverybody } from "./s3/public_access.ts";
import {
  parseS3Request,
  type RawRequest,
  type RequestRules,
  type S3Request,
} from "./s3/request.ts";
import type { VerifyOptions } from "./sigv4/verify.ts";
import { verifyRequest } from "./sigv4/verify_request.ts";
import { verifyFormSignature } from "./sigv4/verify_form.ts";
import {
  authorizeRequest,
  buildRequestContext,
  verifySourceAddress,
} from "./stages/authorize_request.ts";
import type { BucketCors } from "./stages/bucket_cors.ts";
import type { BucketVersions } from "./stages/bucket_versions.ts";
import { answerDeleteObjects } from "./stages/delete_objects.ts";
import { type Authorized, describeRequest, Exchange } from "./stages/exchange.ts";
import { explainDenial } from "./stages/explain_denial.ts";
import { forwardRequest } from "./stages/forward_request.ts";
import { answerListBuckets } from "./stages/list_buckets.ts";
import { answerGroupedUploads, asksToGroup } from "./stages/list_uploads.ts";
import { answerPutNamingBuckets } from "./stages/named_buckets.ts";
import { answerObjectAttributes } from "./stages/object_attributes.ts";
import { isHealthCheck } from "./stages/health_check.ts";
import { type Ending, Journey, type Observers } from "./stages/observe.ts";
import { verifyNoBody } from "./stages/prepare_body.ts";
import type { BodyRules } from "./stages/prepared_body.ts";
import { answerPutAcl } from "./stages/put_acl.ts";
import {
  acceptForm,
  answerForm,
  type FormSlots,
  type PostedForm,
  receiveForm,
} from "./stages/post_object.ts";
import type { RequestSlots } from "./stages/request_slots.ts";
import type { UserPace } from "./stages/user_pace.ts";
import { respondToSts } from "./sts/respond_to_sts.ts";
import { isForSts } from "./sts/sts_request.ts";
import type { StsOptions, StsRules } from "./sts/sts_rules.ts";
import type { Backend } from "./upstream/backend.ts";

/** Everything of the configuration that a request depends on; a reload makes another one. */
export interface Snapshot {
  readonly requestRules: RequestRules;
  readonly corsRules: readonly CorsRule[];
  readonly findKey: KeyDirectory;
  readonly stsRules: StsRules;
  readonly clockSkewSecondsMax: number;
  /** The one region client signatures may be for; any, where it is `undefined`. */
  readonly signingRegion: string | undefined;
  readonly bodyRules: BodyRules;
  /** Where browsers may be sent after a form upload. */
  readonly formRedirectOrigins: ReadonlySet<string>;
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
  readonly userPace: UserPace;
  readonly stsPace: StsOptions["pace"];
  readonly uploadSlots: UploadSlots;
  /** Of keys that may be created and not overwritten. */
  readonly keyLock: KeyLock;
  readonly bucketVersions: BucketVersions;
  readonly formSlots: FormSlots;
  readonly bucketCors: BucketCors;
}

/** An answer; `ended` is to be called once, when its last byte is out or the client has gone. */
export interface ProxyResponse {
  readonly answer: Answer;
  ended(ending: Ending): void;
}

/** What a request meets. */
interface Circumstances {
  readonly raw: RawRequest;
  readonly snapshot: Snapshot;
  readonly services: Services;
  readonly journey: Journey;
  readonly exchange: Exchange;
  /** A form upload's fields, read before anybody is authenticated. */
  readonly posted?: PostedForm;
}

const STOPPING = { message: "This server is about to stop. Please try again.", reason: "stopping" };

/** Answers a request, and calls `left` when the response has ended. Never rejects: whatever goes wrong is an S3 error. */
export async function proxyRequest(
  raw: RawRequest,
  { snapshot, services, left }: { snapshot: Snapshot; services: Services; left?: () => void },
): Promise<ProxyResponse> {
  const journey = new Journey(raw, services);
  const context = describeRequest(raw, journey.requestId);
  const { requestRules: addressing } = snapshot;
  const exchange = new Exchange({ backend: snapshot.backend, journey, context });
  let request: S3Request | undefined;
  let rules = snapshot.corsRules;
  let answer: Answer;
  try {
    if (snapshot.isStopping) throw new S3Error("ServiceUnavailable", STOPPING);
    const now = services.clock();
    const isPreflight = raw.method === "OPTIONS";
    const isSts = !isPreflight && isForSts(raw, addressing);
    const takeSlot = (): void =>
      exchange.onRelease(services.requestSlots.takeStranger(raw, snapshot.inFlightRequestsMax));
    if (isPreflight) takeSlot();
    const found = services.bucketCors.listRules(raw, { ...snapshot, now });
    // The expensive part is done before the first await, so that a TurnGate counts it.
    rules = found instanceof Promise ? await found : found;
    if (isPreflight) {
      answer = respondEmpty(answerPreflight(raw, { rules, addressing }), context);
    } else if (isSts) {
      const sts = { rules: snapshot.stsRules, pace: services.stsPace, now, journey, context };
      answer = await respondToSts(raw, { ...sts, takeSlot });
    } else if (isHealthCheck(raw, addressing)) {
      answer = respondHealthy(context);
    } else {
      request = parseS3Request(raw, addressing);
      exchange.parsed(request);
      const answerIt = request.operation.name === "PostObject" ? answerPosted : answerAs;
      const answered = await answerIt(request, { raw, snapshot, services, journey, exchange });
      if (!(answered instanceof S3Error)) services.bucketCors.answered(request);
      answer = answered instanceof S3Error ? exchange.refuse(answered) : answered;
    }
  } catch (error) {
    answer = exchange.refuse(error); // the only catch-all
  }
  answer.headers.push(...listCorsHeaders(raw, { rules, addressing, resource: request?.resource }));
  answer = exchange.paceAnswer(answer);
  journey.answered(answer);
  // An answer that is made holds nothing, however long the client takes to read it.
  if (answer.body === null || answer.body instanceof Uint8Array) exchange.release();
  return {
    answer,
    ended: (ending) => {
      exchange.release();
      journey.ended(ending);
      freeBody(answer);
      left?.();
    },
  };
}

/** A denial is a value: throwing it on from promise to promise would cost as much as deciding it. */
type Answered = Promise<Answer | S3Error>;

async function answerPosted(sent: S3Request, circumstances: Circumstances): Answered {
  const { raw, services } = circumstances;
  const posted = await receiveForm(sent, { raw, formSlots: services.formSlots });
  try {
    const answered = await answerAs(sent, { ...circumstances, posted });
    if (answered instanceof S3Error) posted.file.discard();
    return answered;
  } catch (error) {
    posted.file.discard();
    throw error;
  }
}

async function answerAs(sent: S3Request, circumstances: Circumstances): Answered {
  const { raw, snapshot, services, journey, exchange, posted } = circumstances;
  const now = services.clock();
  const { trace } = journey;
  const options: VerifyOptions<Identity> = {
    lookup: (key) => snapshot.findKey(key, now),
    now,
    clockSkewSecondsMax: snapshot.clockSkewSecondsMax,
    region: snapshot.signingRegion,
    claimed: (accessKeyId) => journey.claimed(accessKeyId),
    ...(trace === undefined ? {} : { trace }),
  };
  const authenticated = posted !== undefined
    ? verifyFormSignature(posted.fields, { ...options, ...snapshot.requestRules })
    : verifyRequest(sent, options);
  const { identity } = authenticated;
  journey.authenticated(identity);
  // Only now, because a stranger must not take a slot of the users.
  const slot = services.requestSlots.take(readShareUser(identity), snapshot.inFlightRequestsMax);
  exchange.onRelease(slot);
  services.userPace.countRequest(identity);
  const form = posted && acceptForm(posted, { sent, now, rules: snapshot.requestRules });
  const request = form?.request ?? sent;
  if (form !== undefined) journey.formAccepted(request);

  const { clientAddress } = raw;
  const requestContext = buildRequestContext(request, { authenticated, clientAddress, now });
  verifySourceAddress(identity, requestContext);
  const decision = authorizeRequest(request, { identity, context: requestContext });
  journey.decided(decision);
  const paced = exchange.pace(raw, { userPace: services.userPace, user: identity });
  const asked: Authorized = { raw: paced, request, authenticated, requestContext, now };
  if (!decision.allowed) return await explainDenial(asked, { decision, exchange });
  const { bodyRules, bodyRules: { blockPublicAccess }, requestRules } = snapshot;
  const rules = { ownerId: identity.name, blockPublicAccess };
  const authorized: Authorized = { ...asked, request: verifyForEverybody(request, rules) };
  const unread = verifyNoBody(request, raw);
  if (unread !== undefined) await unread;

  const { bucketNames, capabilities } = requestRules;
  if (asksToGroup(request)) return await answerGroupedUploads(authorized, exchange);
  switch (request.operation.name) {
    case "ListBuckets": {
      const { region } = bodyRules;
      return await answerListBuckets(authorized, { exchange, bucketNames, region });
    }
    case "DeleteObjects":
      return await answerDeleteObjects(authorized, { exchange, keys: bucketNames });
    case "GetObjectAttributes":
      return await answerObjectAttributes(authorized, exchange);
    case "PutBucketAcl":
    case "PutObjectAcl":
      return await answerPutAcl(authorized, { exchange, blockPublicAccess });
    case "PutBucketLogging":
    case "PutBucketReplication":
      return await answerPutNamingBuckets(authorized, { exchange, blockPublicAccess, bucketNames });
    default: {
      const options = { ...services, rules: bodyRules, capabilities, decision, exchange };
      if (form === undefined) return await forwardRequest(authorized, options);
      const answer = await forwardRequest(authorized, { ...options, form });
      const { formRedirectOrigins: redirectOrigins } = snapshot;
      return answerForm(answer, { form, redirectOrigins, context: exchange.context });
    }
  }
}
