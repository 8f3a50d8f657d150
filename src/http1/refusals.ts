/**
 * What this program refuses to read as HTTP/1.1, rule by rule: everything that two readers could read in two ways. A
 * request that breaks a rule is answered with its status and ends its connection; a response that does is a 502, and
 * ends the backend's connection. RFC 9112 is HTTP/1.1: https://www.rfc-editor.org/rfc/rfc9112.html; RFC 9110 is HTTP.
 * @module
 */

/** A rule: where it stands, what a request that breaks it is answered, and what is wrong with that request. */
export interface Rule {
  readonly section: string;
  readonly status: 400 | 405 | 417 | 431 | 501 | 505;
  readonly wrong: string;
}

/** Every rule, by the name that logs and tests have for it. */
export const RULES = {
  // Lines.
  bare_line_end: rule("RFC 9112 §2.2", "A line ends in CR or LF alone, not in CRLF"),
  blank_before_fields: rule(
    "RFC 9112 §2.2",
    "A blank stands between the start line and the first field",
  ),
  folded_line: rule("RFC 9112 §5.2", "A field line is folded, which only message/http may be"),
  head_too_large: rule("RFC 9110 §5.4", "A head has more bytes than it may", 431),
  too_many_fields: rule("RFC 9110 §5.4", "A head has more field lines than it may", 431),
  // The request line.
  request_line: rule("RFC 9112 §3", "A request line is not METHOD SP target SP version"),
  target_characters: rule("RFC 9112 §3.2", "A target has bytes that no URI has"),
  target_form: rule("RFC 9112 §3.2", "A target is neither a path nor an http or https URI"),
  other_authority: rule(
    "RFC 9112 §3.2.2",
    "A target in absolute form names another host than Host",
  ),
  connect: rule("RFC 9112 §3.2.3", "CONNECT asks for a tunnel, which nobody opens here", 405),
  version: rule("RFC 9112 §2.3", "The version is neither HTTP/1.1 nor HTTP/1.0", 505),
  // The status line.
  status_line: rule("RFC 9112 §4", "A status line is not version SP three digits SP reason"),
  status_unknown: rule("RFC 9110 §15", "A status is not within 100 to 599"),
  switched_protocols: rule(
    "RFC 9110 §15.2.2",
    "A response changes to a protocol that nobody asked for",
  ),
  // Fields.
  field_name: rule("RFC 9112 §5", "A field line has no name, no colon, or a name that is no token"),
  blank_before_colon: rule("RFC 9112 §5.1", "A blank stands between a field's name and its colon"),
  field_value: rule("RFC 9110 §5.5", "A field's value has a control character"),
  host_missing: rule("RFC 9112 §3.2", "A request of HTTP/1.1 has no Host"),
  host_repeated: rule("RFC 9112 §3.2", "A request has more than one Host"),
  // What ends a message.
  length_repeated: rule("RFC 9112 §6.3", "A head has more than one Content-Length, equal or not"),
  length_invalid: rule(
    "RFC 9110 §8.6",
    "Content-Length is no decimal number, has zeros before it, or passes 2^53",
  ),
  length_and_coding: rule("RFC 9112 §6.3", "A head has Content-Length and Transfer-Encoding"),
  chunked_not_last: rule(
    "RFC 9112 §6.3",
    "`chunked` is not the last of Transfer-Encoding's codings",
  ),
  coding_unknown: rule(
    "RFC 9112 §6.1",
    "Transfer-Encoding has another coding beside `chunked`",
    501,
  ),
  coding_in_1_0: rule("RFC 9112 §6.1", "A message of HTTP/1.0 has a Transfer-Encoding"),
  body_forbidden: rule("RFC 9110 §8.6", "A 1xx or 204 announces a body, which it cannot have"),
  // Chunks.
  chunk_size: rule("RFC 9112 §7.1", "A chunk's size is no hexadecimal number, or passes 2^53"),
  chunk_end: rule("RFC 9112 §7.1", "A chunk is longer or shorter than its size"),
  chunk_extension: rule("RFC 9112 §7.1.1", "A chunk's extension is malformed"),
  chunk_extensions_too_large: rule(
    "RFC 9112 §7.1.1",
    "The extensions of a body's chunks are longer than they may be",
  ),
  trailer_forbidden: rule(
    "RFC 9110 §6.5.1",
    "A trailer is a field that decides where a message ends or goes",
  ),
  trailers_too_large: rule("RFC 9112 §7.1.2", "The trailers of a body are longer than they may be"),
} as const satisfies Readonly<Record<string, Rule>>;

/** The name of a rule. */
export type RuleName = keyof typeof RULES;

/** Requests for these are neither refused nor granted: the answer is that to a request without them. */
export const NOT_DONE = {
  keep_alive_1_0: rule(
    "RFC 9112 §9.3",
    "HTTP/1.0 with Connection: keep-alive: the connection ends with the answer",
  ),
  upgrade: rule("RFC 9110 §7.8", "Upgrade: the answer is one of HTTP/1.1"),
  trailers: rule("RFC 9110 §6.5.1", "Trailers: read, bounded, and dropped"),
} as const satisfies Readonly<Record<string, Rule>>;

/** A message that breaks a rule. Its connection cannot be read any further. */
export class BrokenRule extends Error {
  override readonly name = "BrokenRule";
  readonly rule: RuleName;

  constructor(rule: RuleName) {
    super(`${RULES[rule].wrong} (${RULES[rule].section})`);
    this.rule = rule;
  }

  /** What a request is answered with. */
  get status(): Rule["status"] {
    return RULES[this.rule].status;
  }
}

function rule(section: string, ...[wrong, status = 400]: [string, Rule["status"]?]): Rule {
  return { section, status, wrong };
}
