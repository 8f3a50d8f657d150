/**
 * Messages, and what reads them whole, in one go or byte by byte.
 */

import { Buffer } from "node:buffer";
import { ChunkedBody } from "../../../src/http1/chunked_body.ts";
import { BrokenRule, type RuleName } from "../../../src/http1/refusals.ts";
import { readRequestHead, type RequestHead } from "../../../src/http1/request_head.ts";
import { readResponseHead, type ResponseHead } from "../../../src/http1/response_head.ts";

/** Room for every head of a test that is not about room. */
export const HEAD_BYTES_MAX = 64 * 1024;

/** One byte a character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The text of `bytes`, one character a byte. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** What `read` makes of a message, or the rule that it breaks. */
export function ruleOr<Read>(read: () => Read): Read | RuleName {
  try {
    return read();
  } catch (error) {
    if (error instanceof BrokenRule) return error.rule;
    throw error;
  }
}

/** Behind other bytes and before others, as in a buffer that is used again. */
export function readRequest(
  text: string,
  bytesMax = HEAD_BYTES_MAX,
): RequestHead | RuleName | undefined {
  const before = "x: y\r\n\r\n";
  const bytes = bytesOf(`${before}${text}\r\n\r\n: junk`);
  const span = { start: before.length, end: before.length + text.length, bytesMax };
  return ruleOr(() => {
    const head = readRequestHead(bytes, span);
    return head && { ...head, end: head.end - before.length };
  });
}

/** The same of a response to `method`. */
export function readResponse(
  text: string,
  { method = "GET", bytesMax = HEAD_BYTES_MAX } = {},
): ResponseHead | RuleName | undefined {
  const span = { start: 0, end: text.length, bytesMax, method };
  return ruleOr(() => readResponseHead(bytesOf(`${text}\r\n\r\n: junk`), span));
}

/** A body's data, whether it has ended, and what came behind it; or the rule that it breaks. */
export function decodeChunks(
  pieces: readonly string[],
): { data: string; isEnded: boolean; rest: string } | RuleName {
  const body = new ChunkedBody();
  let data = "";
  let rest = "";
  return ruleOr(() => {
    for (const piece of pieces) {
      const bytes = bytesOf(piece);
      data += textOf(bytes.subarray(0, body.decode(bytes)));
      rest += textOf(bytes.subarray(body.consumed));
    }
    return { data, isEnded: body.isEnded, rest };
  });
}
