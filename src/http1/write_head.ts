/**
 * Heads on their way out: RFC 9112 §3, §4 and §5.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { spellFieldName } from "./field_names.ts";

/** Names and values of fields, as a list or a map has them; names in lower case. */
export type FieldEntries = Iterable<readonly [name: string, value: string]>;

/** RFC 9110 §15, of the statuses that this program answers with or passes on; a reason may be empty. */
const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

// RFC 9110 §5.5 and §5.6.2; any other character could begin another field, or another message.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+$/;

/** `100 Continue`, which a client waits for with its body. */
export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** A response's head, one character a byte. */
export function formatResponseHead(status: number, fields: FieldEntries): string {
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${formatFields(fields)}\r\n`;
}

/** A request's head, one character a byte, of lines that {@linkcode formatFields} has written. Its target is exactly what was signed. */
export function formatRequestHead(
  { method, target }: { method: string; target: string },
  fieldLines: string,
): string {
  const line = `${method} ${target}`;
  assert(REQUEST_LINE.test(line), "A request line is one line");
  return `${line} HTTP/1.1\r\n${fieldLines}\r\n`;
}

/** Field lines, with names as S3 spells them. A field that would break out of its line is asserted not to be. */
export function formatFields(fields: FieldEntries): string {
  let text = "";
  for (const [name, value] of fields) {
    const spelled = spellFieldName(name);
    assert((spelled !== undefined || NAME.test(name)) && VALUE.test(value), "A field is one line");
    text += `${spelled ?? name}: ${value}\r\n`;
  }
  return text;
}
