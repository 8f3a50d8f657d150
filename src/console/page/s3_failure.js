// @ts-check
/**
 * What went wrong with a request, for people: S3's code, its message, and the id that "Why?" explains.
 * @module
 */

import { parseXml, textOf } from "./s3_xml.js";

/** An answer that is not a success, or none at all (`NetworkError`, status 0). */
export class S3Failure extends Error {
  /**
   * `question`: what to ask "Why?" where one request had several answers.
   *
   * @param {{code: string, message: string, status: number, requestId: string, question?: {method: string, path: string}}} facts
   */
  constructor({ code, message, status, requestId, question }) {
    super(message || code);
    this.name = "S3Failure";
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.question = question;
  }
}

/** @param {{status: number, text: string, requestId: string | null}} answer */
export function readFailure({ status, text, requestId }) {
  try {
    const error = parseXml(text);
    return new S3Failure({
      code: textOf(error, "Code") || `HTTP ${status}`,
      message: textOf(error, "Message"),
      status,
      requestId: requestId ?? textOf(error, "RequestId"),
    });
  } catch {
    const code = STATUS_CODES[status] ?? `HTTP ${status}`;
    return new S3Failure({ code, message: "", status, requestId: requestId ?? "" });
  }
}

/** Of answers to HEAD, which have no body. @type {Readonly<Record<number, string>>} */
const STATUS_CODES = {
  304: "NotModified",
  400: "BadRequest",
  403: "AccessDenied",
  404: "NotFound",
  412: "PreconditionFailed",
  503: "SlowDown",
};

/** No answer came. */
export function buildNetworkFailure() {
  return new S3Failure({
    code: "NetworkError",
    message: "The S3 endpoint cannot be reached from this browser",
    status: 0,
    requestId: "",
  });
}

/**
 * Whether the same request may succeed a moment later.
 *
 * @param {unknown} error
 */
export function isPassing(error) {
  return error instanceof S3Failure &&
    (error.status === 0 || error.status >= 500 || error.status === 408 ||
      error.status === 429 || error.code === "RequestTimeout");
}
