/**
 * Where a message ends: RFC 9112 §6.3.
 * @module
 */

import { BrokenRule } from "./refusals.ts";

/** How long a message's body is; `until_close`, which only a response may be: until its connection ends. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until_close" };

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const UNTIL_CLOSE: Framing = { kind: "until_close" };

// 15 digits are below 2^53. No leading zeros, because another program could read the number as octal.
const CONTENT_LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;

/** The fields of a head, and the minor version of its HTTP/1. */
export interface Framed {
  readonly headers: ReadonlyMap<string, string>;
  readonly minorVersion: 0 | 1;
}

/** A request's: no length and no coding is no body. @throws {BrokenRule} of the rules on what ends a message. */
export function frameRequest(head: Framed): Framing {
  return frame(head) ?? NONE;
}

/**
 * A response's, which depends on the request and the status as well.
 * @throws {BrokenRule} as for {@linkcode frameRequest}, and for a body that cannot be.
 */
export function frameResponse(
  head: Framed,
  { method, status }: { method: string; status: number },
): Framing {
  const framing = frame(head);
  if (status < 200 || status === 204) {
    const hasBody = framing?.kind === "chunked" || framing?.kind === "length" && framing.bytes > 0;
    if (hasBody) throw new BrokenRule("body_forbidden");
    return NONE;
  }
  // In answers to HEAD and of status 304, Content-Length is that of the answer to a GET.
  if (method === "HEAD" || status === 304) return NONE;
  return framing ?? UNTIL_CLOSE;
}

function frame({ headers, minorVersion }: Framed): Framing | undefined {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (length !== undefined) throw new BrokenRule("length_and_coding");
    if (minorVersion === 0) throw new BrokenRule("coding_in_1_0");
    return frameCoded(coding.toLowerCase());
  }
  if (length === undefined) return undefined;
  if (!CONTENT_LENGTH.test(length)) {
    throw new BrokenRule(length.includes(",") ? "length_repeated" : "length_invalid");
  }
  const bytes = Number(length);
  return bytes === 0 ? NONE : { kind: "length", bytes };
}

/** No other coding is understood: an object would be stored as it came, coded. */
function frameCoded(coding: string): Framing {
  if (coding === "chunked") return CHUNKED;
  throw new BrokenRule(/[,\s]chunked$/.test(coding) ? "coding_unknown" : "chunked_not_last");
}

/** Whether the connection may carry another message: RFC 9112 §9.3, without `keep-alive` of HTTP/1.0. */
export function keepsAlive({ headers, minorVersion }: Framed): boolean {
  if (minorVersion === 0) return false;
  const connection = headers.get("connection");
  return connection === undefined || !hasToken(connection, "close");
}

/** Whether a list such as Connection's has `token`, in any case. */
function hasToken(list: string, token: string): boolean {
  return list.split(",").some((member) => member.trim().toLowerCase() === token);
}
