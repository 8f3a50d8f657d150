/**
 * From the backend's response, or from an error, to what the client sees.
 * @module
 */

import { type BodySource, cancelBody } from "./lib/byte_source.ts";
import { encodeUtf8 } from "./lib/bytes.ts";
import { LIMITS } from "./limits.ts";
import { type BackendError, readBackendError } from "./s3/backend_error.ts";
import { S3Error, type S3ErrorDetail } from "./s3/error.ts";
import { formatErrorDocument } from "./s3/error_document.ts";
import { describeSubject, type ErrorSubject } from "./s3/error_subject.ts";
import { formatXml, type XmlElement } from "./s3/xml.ts";
import { type BackendResponse, isSuccess } from "./upstream/backend_response.ts";
import { selectResponseHeaders } from "./upstream/headers.ts";
import { readText } from "./upstream/read_text.ts";

/** Lower-case names, each once. */
export type HeaderList = [name: string, value: string][];

/** A response, not yet one of the runtime's: that is made once, by the listener. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: BodySource | Uint8Array<ArrayBuffer> | null;
  /** The S3 code of an error. */
  readonly code: string | undefined;
  /** Whether nobody else has the bytes that its body is: see {@linkcode freeBody}. */
  readonly ownsBody?: boolean;
}

/** Gives the memory of a body back that has gone out, or never will: V8 lets 64 MiB of such pile up before it collects. */
export function freeBody({ body, ownsBody = false }: Answer): void {
  if (ownsBody && body instanceof Uint8Array && !body.buffer.detached) body.buffer.transfer(0);
}

/** Which request an answer is to. */
export interface AnswerContext {
  readonly method: string;
  /** Path as it was sent. */
  readonly path: string;
  readonly requestId: string;
  /** The request, once it is understood. */
  readonly subject?: ErrorSubject;
}

/** All statuses that forwarded operations answer with, and those that a backend may send in place of 200. */
const SUCCESSES: ReadonlySet<number> = new Set([200, 201, 202, 204, 206, 304]);

/** RFC 9110 §8.6, as far as a number is exact; `5, 5`, a repeated header, is refused. */
const CONTENT_LENGTH = /^(?:0|[1-9]\d{0,14})$/;

/** The error document of `error`; HEAD gets its status alone. */
export function respondWithError(error: S3Error, context: AnswerContext): Answer {
  const { code, message, status, detail, retryAfterSeconds } = error;
  const retry: HeaderList = status === 503 ? [["retry-after", String(retryAfterSeconds)]] : [];
  return buildErrorAnswer({ code, message, status, detail, headers: retry }, context);
}

/** Does without the body of a backend's response: what it still sends is not waited for. */
export async function discardBody(upstream: BackendResponse): Promise<void> {
  await cancelBody(upstream.body);
}

/** Does without a response that no S3 gives. @throws {S3Error} `BadGateway`, always. */
export async function rejectResponse(upstream: BackendResponse, reason: string): Promise<never> {
  await discardBody(upstream);
  throw new S3Error("BadGateway", { reason });
}

/**
 * The backend's response: its status, the headers of the allow-list, its body untouched. Rejects where it is no answer of S3:
 * @throws {S3Error} `BadGateway` for a redirect, and for a status that no answer of S3 has and a client would wait behind
 *   (101, 205) or that is none (600), and for a Content-Length that is none; those of {@linkcode readBackendError}.
 */
export function respond(
  upstream: BackendResponse,
  { context, extraHeaders }: { context: AnswerContext; extraHeaders: HeaderList },
): Answer | Promise<Answer> {
  const { status } = upstream;
  if (status >= 400 && status <= 599) return respondWithBackendFailure(upstream, context);
  if (!SUCCESSES.has(status)) return rejectResponse(upstream, `backend answered ${status}`);
  const length = upstream.headers.get("content-length");
  if (length !== null && !CONTENT_LENGTH.test(length)) {
    return rejectResponse(upstream, "response_length_invalid");
  }
  const headers: HeaderList = [
    ...selectResponseHeaders(upstream.headers),
    ...extraHeaders,
    requestIdHeader(context),
  ];
  return { status, headers, body: upstream.body, code: undefined };
}

/**
 * What came in place of a 200 whose document is read here, and must not pass as it is.
 * @throws {S3Error} `BadGateway` for any success; those of {@linkcode respond}.
 */
export async function respondWithFailure(
  upstream: BackendResponse,
  context: AnswerContext,
): Promise<Answer> {
  if (isSuccess(upstream)) {
    return await rejectResponse(upstream, `backend answered ${upstream.status}`);
  }
  return await respond(upstream, { context, extraHeaders: [] });
}

/** A document made here. */
export function respondWithXml(
  root: XmlElement,
  options: { context: AnswerContext; headers: HeaderList },
): Answer {
  return respondWithDocument(formatXml(root), options);
}

/** The same once it is written. */
export function respondWithDocument(
  document: string,
  { context, headers }: { context: AnswerContext; headers: HeaderList },
): Answer {
  const body = encodeUtf8(document);
  const all: HeaderList = [
    ...headers,
    ["content-type", "application/xml"],
    ["content-length", String(body.length)],
    requestIdHeader(context),
  ];
  return { status: 200, headers: all, body, code: undefined, ownsBody: true };
}

/** `200 ok`, which load balancers ask `GET /` for. */
export function respondHealthy(context: AnswerContext): Answer {
  const headers: HeaderList = [["content-type", "text/plain"], requestIdHeader(context)];
  const body = context.method === "HEAD" ? null : encodeUtf8("ok");
  return { status: 200, headers, body, code: undefined };
}

/** A 200 without a body: to a CORS preflight that a rule allows, and to HeadBucket. */
export function respondEmpty(given: HeaderList, context: AnswerContext): Answer {
  const headers: HeaderList = [...given, ["content-length", "0"], requestIdHeader(context)];
  return { status: 200, headers, body: null, code: undefined };
}

async function respondWithBackendFailure(
  upstream: BackendResponse,
  context: AnswerContext,
): Promise<Answer> {
  const { method } = context;
  const error = method === "HEAD"
    ? readBackendError(upstream.status, "")
    : await readFailure(upstream);
  return respondWithBackendError(error, context);
}

/** The error that a backend has answered with, read whole. @throws {S3Error} those of {@linkcode readBackendError}. */
export async function readFailure(upstream: BackendResponse): Promise<BackendError> {
  if (upstream.body === null) return readBackendError(upstream.status, "");
  let text = "";
  try {
    text = await readText(upstream, LIMITS.backendErrorBytesMax);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    // A body that is too long or not text is no S3 error document: only the status is used.
  }
  return readBackendError(upstream.status, text);
}

/** The backend's error, as it is shown. */
export function respondWithBackendError(error: BackendError, context: AnswerContext): Answer {
  return buildErrorAnswer({ ...error, detail: {}, headers: [] }, context);
}

function buildErrorAnswer(
  { code, message, status, detail, headers }: {
    code: string;
    message: string;
    status: number;
    detail: S3ErrorDetail;
    headers: HeaderList;
  },
  context: AnswerContext,
): Answer {
  const { method, path: resource, requestId, subject } = context;
  const all: HeaderList = [...headers, requestIdHeader(context)];
  if (method === "HEAD") return { status, headers: all, body: null, code };
  const about = subject === undefined ? {} : describeSubject(code, subject);
  const elements = { code, message, detail: { ...about, ...detail }, resource, requestId };
  const body = encodeUtf8(formatErrorDocument(elements));
  all.push(["content-type", "application/xml"], ["content-length", String(body.length)]);
  return { status, headers: all, body, code };
}

/** The header that every answer has. */
export function requestIdHeader({ requestId }: AnswerContext): [string, string] {
  return ["x-amz-request-id", requestId];
}
