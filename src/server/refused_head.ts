/**
 * Answers to heads that are not a valid request: S3's error document where S3 has a code for the mistake.
 * @module
 */

import { type BrokenRule, RULES } from "../http1/refusals.ts";
import { formatResponseHead } from "../http1/write_head.ts";
import { concatBytes, encodeUtf8 } from "../lib/bytes.ts";
import { createRequestId } from "../lib/request_id.ts";
import { respondWithError } from "../respond.ts";
import { S3Error, type S3ErrorCode } from "../s3/error.ts";

/** The connection ends with this answer. */
export function answerBrokenRule({ rule, status }: BrokenRule): Uint8Array {
  const { wrong, section } = RULES[rule];
  const error = new S3Error(findCode(status), { message: `${wrong} (${section}).` });
  const context = { method: "GET", path: "/", requestId: createRequestId() };
  const { headers, body } = respondWithError(error, context);
  const head = formatResponseHead(status, [...headers, ["connection", "close"]]);
  return concatBytes([encodeUtf8(head), body instanceof Uint8Array ? body : new Uint8Array(0)]);
}

/** RFC 9110 §15.5.9. */
export function answerLateHead(): Uint8Array {
  return encodeUtf8(formatResponseHead(408, [["content-length", "0"], ["connection", "close"]]));
}

function findCode(status: BrokenRule["status"]): S3ErrorCode {
  if (status === 501) return "NotImplemented";
  return status === 405 ? "MethodNotAllowed" : "InvalidRequest";
}
