/**
 * Heads of responses: RFC 9112 §4.
 * @module
 */

import { decodeLatin1 } from "../lib/bytes.ts";
import { buildFields, scanFieldLines, type Span } from "./field_lines.ts";
import { frameResponse, type Framing, keepsAlive } from "./framing.ts";
import { readMinorVersion, VERSION_BYTES } from "./http_version.ts";
import { BrokenRule } from "./refusals.ts";
import type { HeadSpan } from "./request_head.ts";
import { CR, FIELD_VALUE, LF, SPACE } from "./syntax.ts";

/** A response's head, read. Its reason phrase is dropped. */
export interface ResponseHead {
  /** 100 to 599 without 101; below 200 another head follows. */
  readonly status: number;
  readonly minorVersion: 0 | 1;
  /** Lower-case names; values one character a byte. */
  readonly headers: Map<string, string>;
  readonly framing: Framing;
  /** Whether another request may be sent on the connection, behind a body that ends by itself. */
  readonly keepsAlive: boolean;
  /** Where in its bytes the head ends. */
  readonly end: number;
}

const DIGIT_0 = 0x30;
const STATUS_DIGITS = 3;

/**
 * Reads the head that begins at `start`, in answer to a request with `method`; `undefined` where it has not all come by
 * `end`. Nothing is kept in between.
 * @throws {BrokenRule} of any rule on heads.
 */
export function readResponseHead(
  bytes: Uint8Array,
  { method, ...span }: HeadSpan & { readonly method: string },
): ResponseHead | undefined {
  const { start } = span;
  const limit = start + span.bytesMax;
  const end = Math.min(span.end, limit);
  const line = scanStatusLine(bytes, { start, end });
  const headEnd = line === undefined ? -1 : scanFieldLines(bytes, { start: line.end, end });
  if (line === undefined || headEnd < 0) {
    if (span.end >= limit) throw new BrokenRule("head_too_large");
    return undefined;
  }
  const text = decodeLatin1(bytes, { start: line.end, end: headEnd });
  const headers = buildFields(bytes, { text, offset: line.end });
  const { status, minorVersion } = line;
  const framed = { headers, minorVersion };
  const framing = frameResponse(framed, { method, status });
  return {
    status,
    minorVersion,
    headers,
    framing,
    keepsAlive: framing.kind !== "until_close" && keepsAlive(framed),
    end: headEnd,
  };
}

/** What a status line says; `end` is behind its CRLF. */
interface StatusLine {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  readonly end: number;
}

/**
 * HTTP-version SP status-code SP [ reason-phrase ]; some servers leave the second space out, too. `undefined` where it is
 * not whole.
 */
function scanStatusLine(bytes: Uint8Array, { start, end }: Span): StatusLine | undefined {
  const statusAt = start + VERSION_BYTES + 1;
  const statusEnd = statusAt + STATUS_DIGITS;
  if (end < statusEnd + 2) return undefined;
  const minorVersion = readMinorVersion(bytes, start);
  if (bytes[statusAt - 1] !== SPACE) throw new BrokenRule("status_line");
  const status = readStatus(bytes, statusAt);
  let at = statusEnd;
  if (bytes[at] === SPACE) {
    while (at < end && FIELD_VALUE[bytes[at] ?? 0] === 1) at++;
    if (at + 1 >= end) return undefined;
  }
  if (bytes[at] !== CR) throw new BrokenRule(bytes[at] === LF ? "bare_line_end" : "status_line");
  if (bytes[at + 1] !== LF) throw new BrokenRule("bare_line_end");
  return { status, minorVersion, end: at + 2 };
}

function readStatus(bytes: Uint8Array, start: number): number {
  let status = 0;
  for (let at = start; at < start + STATUS_DIGITS; at++) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) throw new BrokenRule("status_line");
    status = 10 * status + digit;
  }
  if (status < 100 || status > 599) throw new BrokenRule("status_unknown");
  if (status === 101) throw new BrokenRule("switched_protocols");
  return status;
}
