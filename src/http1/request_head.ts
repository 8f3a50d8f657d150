/**
 * Heads of requests: RFC 9112 §3.
 * @module
 */

import { decodeLatin1 } from "../lib/bytes.ts";
import { buildFields, scanFieldLines, type Span } from "./field_lines.ts";
import { type Framed, frameRequest, type Framing, keepsAlive } from "./framing.ts";
import { readMinorVersion, VERSION_BYTES } from "./http_version.ts";
import { BrokenRule } from "./refusals.ts";
import { CR, LF, SPACE, TARGET, TOKEN_LOWER } from "./syntax.ts";

/** A request's head, read. */
export interface RequestHead {
  readonly method: string;
  /** In origin form, not decoded; `*` for OPTIONS. */
  readonly target: string;
  /** The Host header's, which a target in absolute form has to agree with; empty on HTTP/1.0 without. */
  readonly authority: string;
  readonly minorVersion: 0 | 1;
  /** Lower-case names; values one character a byte. */
  readonly headers: Map<string, string>;
  readonly framing: Framing;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
  /** The client holds its body back until it is told to go on: RFC 9110 §10.1.1. */
  readonly expectsContinue: boolean;
  /** Where in its bytes the head ends, and the body or the next head begins. */
  readonly end: number;
}

/** What is read: of `bytes`, a head of `bytesMax` at the most. */
export interface HeadSpan extends Span {
  readonly bytesMax: number;
}

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]+)(\/.*)?$/i;

/**
 * Reads the head that begins at `start`; `undefined` where it has not all come by `end`. Nothing is kept in between.
 * @throws {BrokenRule} of any rule on heads.
 */
export function readRequestHead(bytes: Uint8Array, span: HeadSpan): RequestHead | undefined {
  const limit = span.start + span.bytesMax;
  const end = Math.min(span.end, limit);
  const start = skipEmptyLine(bytes, { start: span.start, end });
  const line = scanRequestLine(bytes, { start, end });
  const headEnd = line === undefined ? -1 : scanFieldLines(bytes, { start: line.end, end });
  if (line === undefined || headEnd < 0) {
    if (span.end >= limit) throw new BrokenRule("head_too_large");
    return undefined;
  }
  const text = decodeLatin1(bytes, { start, end: headEnd });
  const headers = buildFields(bytes, { text, offset: start });
  const method = text.slice(0, line.methodEnd - start);
  const uri = text.slice(line.methodEnd + 1 - start, line.targetEnd - start);
  const { minorVersion } = line;
  const framed = { headers, minorVersion };
  return {
    method,
    ...splitTarget(uri, { method, host: readHost(framed) }),
    minorVersion,
    headers,
    framing: frameRequest(framed),
    keepsAlive: keepsAlive(framed),
    expectsContinue: minorVersion === 1 && headers.get("expect")?.toLowerCase() === "100-continue",
    end: headEnd,
  };
}

/** RFC 9112 §2.2: one empty line before a request line, which old clients sent behind a body, is passed over. */
function skipEmptyLine(bytes: Uint8Array, { start, end }: Span): number {
  if (bytes[start] !== CR || start === end) return start;
  // The CR alone: what follows it has not come yet.
  return end - start === 1 ? end : bytes[start + 1] === LF ? start + 2 : start;
}

/** Where the parts of a request line end; `end` is behind its CRLF. */
interface RequestLine {
  readonly methodEnd: number;
  readonly targetEnd: number;
  readonly minorVersion: 0 | 1;
  readonly end: number;
}

/** RFC 9112 §3: method SP request-target SP HTTP-version, with single spaces; `undefined` where it is not whole. */
function scanRequestLine(bytes: Uint8Array, { start, end }: Span): RequestLine | undefined {
  let at = start;
  while (at < end && TOKEN_LOWER[bytes[at] ?? 0] !== 0) at++;
  if (at === end) return undefined;
  if (bytes[at] !== SPACE || at === start) throw new BrokenRule("request_line");
  const methodEnd = at++;
  while (at < end && TARGET[bytes[at] ?? 0] === 1) at++;
  if (at === end) return undefined;
  if (bytes[at] !== SPACE) {
    const isOver = bytes[at] === CR || bytes[at] === LF;
    throw new BrokenRule(isOver ? "request_line" : "target_characters");
  }
  if (at === methodEnd + 1) throw new BrokenRule("request_line");
  const targetEnd = at++;
  const versionEnd = at + VERSION_BYTES;
  if (end < versionEnd + 2) return undefined;
  const minorVersion = readMinorVersion(bytes, at);
  if (bytes[versionEnd] !== CR || bytes[versionEnd + 1] !== LF) {
    throw new BrokenRule(bytes[versionEnd] === LF ? "bare_line_end" : "request_line");
  }
  return { methodEnd, targetEnd, minorVersion, end: versionEnd + 2 };
}

/** RFC 9112 §3.2: one, whatever the target's form; before HTTP/1.1 there was none. */
function readHost({ headers, minorVersion }: Framed): string | undefined {
  const host = headers.get("host");
  if (host === undefined && minorVersion === 1) throw new BrokenRule("host_missing");
  return host;
}

/** RFC 9112 §3.2.1 to §3.2.4. A URI parser never sees it: it would fold the path. */
function splitTarget(
  uri: string,
  { method, host }: { method: string; host: string | undefined },
): Pick<RequestHead, "target" | "authority"> {
  if (uri.startsWith("/")) return { target: uri, authority: host ?? "" };
  if (method === "CONNECT") throw new BrokenRule("connect");
  if (uri === "*" && method === "OPTIONS") return { target: uri, authority: host ?? "" };
  const [, authority, target = "/"] = ABSOLUTE_FORM.exec(uri) ?? [];
  if (authority === undefined) throw new BrokenRule("target_form");
  if (host !== undefined && host !== authority) throw new BrokenRule("other_authority");
  return { target, authority };
}
