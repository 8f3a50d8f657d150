/**
 * The two forms that the console's API answers in: JSON, and lines of JSON. Neither is ever kept by anybody.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import type { Answer, HeaderList } from "../respond.ts";

/** `value`, whole. */
export function answerJson(value: unknown, status = 200): Answer {
  const body = encodeUtf8(JSON.stringify(value));
  const headers: HeaderList = [
    ["cache-control", "no-store"],
    ["content-type", "application/json; charset=utf-8"],
    ["content-length", String(body.length)],
  ];
  return { status, headers, body, code: undefined };
}

/** Values as they come, each in a line. */
export function answerLines(body: ReadableStream<Uint8Array<ArrayBuffer>>): Answer {
  const headers: HeaderList = [
    ["cache-control", "no-store"],
    ["content-type", "application/x-ndjson; charset=utf-8"],
    ["x-accel-buffering", "no"], // nginx would wait until its buffers are full
  ];
  return { status: 200, headers, body, code: undefined };
}
