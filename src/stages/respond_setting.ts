/**
 * The document of a setting, which is looked at before it passes: a store that does not know a subresource answers with what
 * the bare operation would, such as a list of the bucket. What does not fit in one piece streams: nobody holds a megabyte of
 * memory by not reading it.
 * @module
 */

import { type ByteSource, NOTHING, openSource, prepend } from "../lib/byte_source.ts";
import { decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import {
  type Answer,
  type AnswerContext,
  discardBody,
  type HeaderList,
  requestIdHeader,
  respondWithFailure,
} from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { Operation } from "../s3/operation_table.ts";
import { findSetting, isDocumentOf, notImplemented } from "../s3/settings.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { selectResponseHeaders } from "../upstream/headers.ts";

/**
 * Answers with it as it came.
 * @throws {S3Error} `NotImplemented` for another document, and for none; `BadGateway` for what is not UTF-8, or breaks off;
 *   `GatewayTimeout` where its beginning does not come within {@linkcode LIMITS.documentTimeoutMs}; those of
 *   {@linkcode respondWithFailure}.
 */
export async function respondWithSetting(
  response: BackendResponse,
  { operation, context, extraHeaders }: {
    operation: Operation;
    context: AnswerContext;
    extraHeaders: HeaderList;
  },
): Promise<Answer> {
  const setting = findSetting(operation);
  if (response.status === 204) {
    await discardBody(response);
    throw notImplemented(operation);
  }
  if (response.status !== 200) return await respondWithFailure(response, context);
  const source = response.body === null ? NOTHING : openSource(response.body);
  try {
    const { bytes, isWhole } = await readStart(source);
    const text = decodeUtf8(isWhole ? bytes : bytes.subarray(0, findCharacterEnd(bytes)));
    if (text === undefined) throw new S3Error("BadGateway", { reason: "response_not_utf8" });
    if (setting === undefined || !isDocumentOf(setting, text)) throw notImplemented(operation);
    const headers = selectResponseHeaders(response.headers);
    headers.push(...extraHeaders, requestIdHeader(context));
    if (!isWhole) return { status: 200, headers, body: prepend(bytes, source), code: undefined };
    const others = headers.filter(([name]) => name !== "content-length");
    others.push(["content-length", String(bytes.length)]);
    return { status: 200, headers: others, body: bytes, code: undefined };
  } catch (cause) {
    source.cancel();
    throw cause instanceof S3Error ? cause : new S3Error("BadGateway", { cause });
  }
}

/** As much as goes out in one piece, and whether that is all. */
async function readStart(
  source: ByteSource,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; isWhole: boolean }> {
  const room = new Uint8Array(LIMITS.wholeResponseBytesMax);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    source.cancel();
  }, LIMITS.documentTimeoutMs);
  try {
    for (let length = 0;;) {
      const read = await source.read(room.subarray(length));
      if (isLate) break;
      length += read;
      if (read === 0) return { bytes: room.slice(0, length), isWhole: true };
      if (length === room.length) return { bytes: room, isWhole: false };
    }
  } catch (cause) {
    if (!isLate) throw cause;
  } finally {
    clearTimeout(timer);
  }
  throw new S3Error("GatewayTimeout", { reason: "response_stalled" });
}

/** Behind the last character of `bytes`, UTF-8, that is whole. */
function findCharacterEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
  return Math.max(0, end - 1);
}
