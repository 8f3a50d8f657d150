/**
 * What is told of a request: one line in the log, and the metrics. A journey is written to, never read from: no stage
 * learns anything from it.
 * @module
 */

import { type Clock, monotonicMs } from "../lib/clock.ts";
import { type LiveSet, type Living, NOWHERE } from "../lib/live_set.ts";
import { createRequestId } from "../lib/request_id.ts";
import type { Decision } from "../iam/authorize.ts";
import type { Identity } from "../iam/identity.ts";
import { formatResourceArn } from "../iam/resource_pattern.ts";
import { LIMITS } from "../limits.ts";
import type { ActivityRecorder } from "../observability/activity.ts";
import { type CutShort, logRequest, type RequestFacts } from "../observability/access_log.ts";
import type { Logger } from "../observability/log.ts";
import { isAuthErrorReason, isLimitName, type LimitName } from "../observability/metric_labels.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Answer } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { AccessKeyId } from "../s3/names.ts";
import type { RawRequest, S3Request } from "../s3/request.ts";
import type { SignatureTrace } from "../sigv4/verify.ts";
import { explainFailure } from "../upstream/finding.ts";
import type { UpstreamResponse } from "../upstream/forward.ts";
import { describeError, LOST, LOUD_REASONS } from "./describe_error.ts";
import { formatToldPath, isToldByPath } from "./told_path.ts";

/** Where it is told. */
export interface Observers {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly recorder?: ActivityRecorder;
  readonly clock: Clock;
  /** Every request that has come and whose response has not ended. */
  readonly journeys: LiveSet<Journey>;
  /** The backend refuses the master key, or is not S3. */
  readonly backendRefused: () => void;
}

/** How a response ended: whole, or why not. */
export type Ending = "complete" | CutShort;

/** nginx's status for a client that left; no client ever sees it. */
const STATUS_CLIENT_CLOSED = 499;
/** Of a request that has got no answer. */
const STATUS_SERVICE_UNAVAILABLE = 503;

/** One request from its head to the end of its response. */
export class Journey implements Living {
  /** 16 hexadecimal digits, as `x-amz-request-id` of the response and `request_id` of the log. */
  readonly requestId = createRequestId();
  place = NOWHERE;
  readonly #observers: Observers;
  readonly #raw: RawRequest;
  readonly #startedMs = monotonicMs();
  #request: S3Request | undefined;
  /** Where another than the target says what the request is about. */
  #path: string | undefined;
  #stsAction: string | undefined;
  #accessKeyId: AccessKeyId | undefined;
  #identity: Identity | undefined;
  #decision: Decision | undefined;
  #upstream: UpstreamResponse | undefined;
  #answer: Answer | undefined;
  #reason: string | undefined;
  #isDenied = false;
  #keysDenied: number | undefined;
  #bytesIn = 0;

  constructor(raw: RawRequest, observers: Observers) {
    this.#raw = raw;
    this.#observers = observers;
    observers.metrics.requestStarted();
    observers.journeys.add(this);
  }

  parsed(request: S3Request): void {
    this.#request = request;
  }

  /** What a form stands for: `request` is what it is carried out as. */
  formAccepted(request: S3Request): void {
    this.#path = formatToldPath(request);
  }

  /** It is for STS. */
  asked(action: string): void {
    this.#stsAction = action;
  }

  /** STS refuses it: `reason` is for the log. */
  refused({ reason, cause, status }: { reason: string; cause?: unknown; status: number }): void {
    const { logger, metrics } = this.#observers;
    this.#reason = reason;
    if (isLimitName(reason)) return this.limited(reason);
    if (this.#identity === undefined || isAuthErrorReason(reason)) metrics.authError(reason);
    if (reason !== "identity_provider_unreachable" && status < 500) return;
    const fields = { request_id: this.requestId, error: describeError(cause) };
    logger.warn("an identity token cannot be verified", fields);
  }

  /** Whom it says to be from. */
  claimed(accessKeyId: AccessKeyId): void {
    this.#accessKeyId = accessKeyId;
  }

  authenticated(identity: Identity): void {
    this.#identity = identity;
  }

  /** What the whole request was decided to be, or, behind that, a part of it. */
  decided(decision: Decision): void {
    this.#decision = decision;
    if (decision.allowed) return;
    this.#isDenied = true;
    this.#reason = decision.reason;
  }

  /** DeleteObjects leaves out `count` keys, the first of them for `decision`. */
  keysDenied(count: number, decision: Decision): void {
    this.decided(decision);
    this.#keysDenied = count;
  }

  /** The backend's head has come, in answer to a body of `bytesIn`. */
  forwarded(upstream: UpstreamResponse, bytesIn: number): void {
    this.#upstream = upstream;
    this.#bytesIn = bytesIn;
  }

  /** What `debug` tells of a signature that does not match. */
  get trace(): ((trace: SignatureTrace) => void) | undefined {
    const { logger } = this.#observers;
    if (!logger.isEnabled("debug")) return undefined;
    return (trace) =>
      logger.debug("signature does not match", {
        request_id: this.requestId,
        canonical_request: trace.canonicalRequest,
        string_to_sign: trace.stringToSign,
        provided_signature: trace.providedSignature,
        expected_signature_start: trace.expectedSignatureStart,
      });
  }

  /** A stage threw: counts the error, and logs it unless the client caused it. */
  failed(error: unknown): void {
    const { logger, metrics } = this.#observers;
    const { setting, message: problem } = explainFailure(error) ?? {};
    const fields = { request_id: this.requestId, error: describeError(error), setting, problem };
    if (!(error instanceof S3Error)) {
      logger.error("unexpected error", fields);
      return;
    }
    this.#reason ??= error.reason ?? error.message;
    this.#isDenied ||= this.#identity !== undefined && error.code === "AccessDenied";
    const refusal = LOUD_REASONS.get(error.reason ?? "");
    if (refusal !== undefined) {
      if (refusal !== LOST) this.#observers.backendRefused();
      logger.error(refusal, fields);
    } else if (error.status >= 500 && error.cause !== undefined) {
      logger.warn("the backend failed", fields);
    } else if (error.code === "XAmzContentSHA256Mismatch") {
      logger.warn("security: a body is not what was signed", {
        ...fields,
        user: this.#identity?.name,
      });
    }
    if (isLimitName(error.reason)) this.limited(error.reason);
    if (this.#isUnauthenticated || isAuthErrorReason(error.reason)) {
      metrics.authError(error.reason);
    }
  }

  /** It was refused, or slowed down, for a limit of its user, or of all. */
  limited(limit: LimitName): void {
    this.#observers.metrics.limited(this.#userLabel ?? "", limit);
  }

  /** What the client is sent. */
  answered(answer: Answer): void {
    this.#answer = answer;
  }

  /** The response has ended: writes the line and the metrics. */
  ended(ending: Ending): void {
    const { logger, metrics, journeys, recorder } = this.#observers;
    journeys.delete(this);
    const facts = this.#describe(ending);
    if (facts.decision === "deny") metrics.rbacDenied(facts.userLabel ?? "", facts.bucket);
    logRequest(logger, facts);
    metrics.recordRequest(facts);
    if (recorder?.isEnabled) recorder.record(facts, { isWhole: isToldByPath(this.#request) });
    metrics.requestEnded();
  }

  /** Understood, and then not believed. */
  get #isUnauthenticated(): boolean {
    return this.#request !== undefined && this.#identity === undefined;
  }

  /** For a session the name of its role, because clients choose the name of the session. */
  get #userLabel(): string | undefined {
    const role = this.#identity?.session?.role;
    return role === undefined ? this.#identity?.name : `role/${role}`;
  }

  get #bucket(): string | undefined {
    const resource = this.#request?.resource;
    return resource === undefined || resource.level === "service" ? undefined : resource.bucket;
  }

  #describe(ending: Ending): RequestFacts {
    const { method, target, clientAddress } = this.#raw;
    const { status = STATUS_SERVICE_UNAVAILABLE, headers = [], code } = this.#answer ?? {};
    const decision = this.#decision;
    const denial = decision?.allowed === false ? decision : undefined;
    const length = method === "HEAD"
      ? "0"
      : headers.find(([name]) => name === "content-length")?.[1];
    return {
      requestId: this.requestId,
      user: this.#identity?.name,
      userLabel: this.#userLabel,
      principal: this.#identity?.session?.principal,
      accessKey: this.#accessKeyId,
      bucket: this.#bucket,
      operation: this.#stsAction ?? this.#request?.operation.name,
      method,
      path: this.#path ?? target,
      status: ending === "client_closed" ? STATUS_CLIENT_CLOSED : status,
      code: ending === "complete" ? code : ending,
      durationSeconds: (monotonicMs() - this.#startedMs) / 1000,
      bytesIn: this.#bytesIn,
      bytesOut: length === undefined ? undefined : Number(length),
      clientIp: clientAddress,
      backendRequestId: this.#upstream?.response.headers.get("x-amz-request-id") ?? undefined,
      backendLatencySeconds: this.#upstream?.latencySeconds,
      keysDenied: this.#keysDenied,
      decision: this.#isDenied ? "deny" : decision && "allow",
      reason: this.#reason,
      action: denial?.need.action,
      resource: denial && formatResourceArn(denial.need.resource),
      prefix: denial && this.#request?.parameters.get("prefix"),
      statement: denial?.statementIds.join(" ") || undefined,
      custom: this.#request?.custom.slice(0, LIMITS.customShownCharactersMax) || undefined,
      userAgent: this.#raw.headers.get("user-agent")?.slice(0, LIMITS.userAgentShownCharactersMax),
    };
  }
}
