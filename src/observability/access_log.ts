/**
 * The access log: one line a request, one field a fact.
 * @module
 */

import { isOwnLimit } from "./metric_labels.ts";
import type { Logger } from "./log.ts";
import type { LogFields } from "./log_line.ts";
import { cutPresignedQuery, cutQuery } from "./redact.ts";

/** What is known of a request once its response has ended. Never a secret, never a query. */
export interface RequestFacts {
  /** Equals the response's `x-amz-request-id`. */
  readonly requestId: string;
  /** Name of the authenticated user; undefined where nobody was authenticated. */
  readonly user: string | undefined;
  /** What the metrics call the user: of a session the role, as sessions are named by clients. Default: {@linkcode user}. */
  readonly userLabel?: string | undefined;
  /** Of a session: whom it was given to. */
  readonly principal?: string | undefined;
  /** Access key id that the request names, proven or not. */
  readonly accessKey?: string | undefined;
  readonly bucket: string | undefined;
  /** The S3 API's own name: `GetObject`. */
  readonly operation: string | undefined;
  readonly method: string;
  /** Path as it was sent, still percent-encoded. */
  readonly path: string;
  /** HTTP status of the response. */
  readonly status: number;
  /** S3 error code, or why the response was {@linkcode isCutShort cut short}. */
  readonly code?: string | undefined;
  readonly durationSeconds: number;
  /** Length of the request's body. */
  readonly bytesIn?: number | undefined;
  /** Length of the response's body. */
  readonly bytesOut?: number | undefined;
  readonly clientIp: string | undefined;
  /** `x-amz-request-id` of the backend. */
  readonly backendRequestId?: string | undefined;
  /** From sending the request to the backend's response head. */
  readonly backendLatencySeconds?: number | undefined;
  /** What authorization decided; of DeleteObjects, `deny` if any key was refused. */
  readonly decision?: "allow" | "deny" | undefined;
  /** How many keys of a DeleteObjects were refused. */
  readonly keysDenied?: number | undefined;
  /** Why it was refused; never shown to the client. */
  readonly reason?: string | undefined;
  /** The right that was missing, `s3:PutObject`, and on what, as an ARN. */
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
  /** Of a denied listing. */
  readonly prefix?: string | undefined;
  /** The statement that decided. */
  readonly statement?: string | undefined;
  /** Query parameters that mean nothing to S3 and are for this line. */
  readonly custom?: string | undefined;
  /** What the client calls itself. */
  readonly userAgent?: string | undefined;
}

/** What cuts a response short, as its `code`: the client went away, or the backend or this program did. */
export type CutShort = "client_closed" | "backend_closed" | "shutdown_timeout";

/** Whether `code` is no S3 error: nobody knows how many bytes passed. */
export function isCutShort(code: string | undefined): code is CutShort {
  return code === "client_closed" || code === "backend_closed" || code === "shutdown_timeout";
}

/** A 5xx that is nobody's failure: a client has asked for what is not there. */
const STATUS_NOT_IMPLEMENTED = 501;

/**
 * Logs the end of a request: level error for our and the backend's failures (5xx but 501, and responses that it broke
 * off), warn for one that came to a limit of its own user, else info.
 */
export function logRequest(logger: Logger, facts: RequestFacts): void {
  const { status, code, reason } = facts;
  const failed = code === "backend_closed" ||
    status >= 500 && status !== STATUS_NOT_IMPLEMENTED && !isCutShort(code);
  const level = !failed ? "info" : isOwnLimit(reason) ? "warn" : "error";
  logger[level]("request completed", buildRequestFields(facts));
}

/** The fields of a request's line, in their order. */
export function buildRequestFields(facts: RequestFacts): LogFields {
  const transferred = !isCutShort(facts.code);
  return {
    request_id: facts.requestId,
    user: facts.user,
    principal: facts.principal,
    access_key: facts.accessKey,
    bucket: facts.bucket,
    operation: facts.operation,
    method: facts.method,
    path: cutQuery(facts.path),
    status: facts.status,
    code: facts.code,
    duration: roundToMicroseconds(facts.durationSeconds),
    bytes_in: transferred ? facts.bytesIn : undefined,
    bytes_out: transferred ? facts.bytesOut : undefined,
    client_ip: facts.clientIp,
    backend_request_id: facts.backendRequestId,
    backend_latency: facts.backendLatencySeconds === undefined
      ? undefined
      : roundToMicroseconds(facts.backendLatencySeconds),
    decision: facts.decision,
    keys_denied: facts.keysDenied,
    reason: facts.reason,
    action: facts.action,
    resource: facts.resource && cutPresignedQuery(facts.resource),
    prefix: facts.prefix,
    statement: facts.statement,
    custom: facts.custom,
    user_agent: facts.userAgent,
  };
}

function roundToMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
