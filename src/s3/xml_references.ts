/**
 * Characters of a document, and what stands for them. See {@link https://www.w3.org/TR/xml/} §2.2 and §4.1.
 * @module
 */

import { S3Error } from "./error.ts";

// deno-lint-ignore no-control-regex -- XML 1.0 §2.2 excludes just these
const UNFIT = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
/** The most frequent first. */
const NAMED: readonly (readonly [reference: string, character: string])[] = [
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&apos;", "'"],
];
/** `&#x0010FFFF;` */
const REFERENCE_CHARACTERS_MAX = 12;
const [HASH, SEMICOLON, LETTER_X] = [0x23, 0x3b, 0x78] as const;
const NO_DIGIT = 16;
/** By character code. */
const DIGIT_VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

/** A document that is none. */
export function malformed(): S3Error {
  return new S3Error("MalformedXML");
}

/**
 * Whether XML can hold `text`; with `takesUnfit` all but NUL is taken.
 * @throws {S3Error} `MalformedXML` where it cannot.
 */
export function verifyCharacters(text: string, takesUnfit: boolean): void {
  if (takesUnfit ? text.includes("\0") : UNFIT.test(text)) throw malformed();
}

/**
 * `text` with what its references stand for. Nothing is declared here, so there are those of characters and five names.
 * @throws {S3Error} `MalformedXML` for any other, and as {@linkcode verifyCharacters}.
 */
export function resolveReferences(text: string, takesUnfit: boolean): string {
  verifyCharacters(text, takesUnfit);
  let resolved = "";
  let from = 0;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", from)) {
    if (at > from) resolved += text.slice(from, at);
    if (text.charCodeAt(at + 1) === HASH) {
      const end = findEnd(text, at);
      resolved += resolveCode(text, { from: at + 2, end, takesUnfit });
      from = end + 1;
      continue;
    }
    const named = findNamed(text, at);
    resolved += named[1];
    from = at + named[0].length;
  }
  return from === 0 ? text : resolved + text.slice(from);
}

function findNamed(text: string, at: number): readonly [reference: string, character: string] {
  for (const named of NAMED) if (text.startsWith(named[0], at)) return named;
  throw malformed();
}

/** Where the reference at `at` ends, in bounded time. */
function findEnd(text: string, at: number): number {
  for (let end = at; end < at + REFERENCE_CHARACTERS_MAX; end++) {
    if (text.charCodeAt(end) === SEMICOLON) return end;
  }
  throw malformed();
}

/** The character whose number, decimal or hexadecimal behind an `x`, stands from `from` to `end`. */
function resolveCode(text: string, { from, end, takesUnfit }: Digits): string {
  const isHex = text.charCodeAt(from) === LETTER_X;
  const base = isHex ? 16 : 10;
  const first = isHex ? from + 1 : from;
  let code = 0;
  for (let at = first; at < end; at++) {
    const digit = DIGIT_VALUES[text.charCodeAt(at)] ?? NO_DIGIT;
    if (digit >= base) throw malformed();
    code = code * base + digit;
  }
  if (first === end || code === 0 || code > 0x10ffff || isSurrogate(code)) throw malformed();
  if (!takesUnfit && isUnfit(code)) throw malformed();
  return String.fromCodePoint(code);
}

/** Half of a character of UTF-16, which is none. */
function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** Of the character {@linkcode UNFIT} is for; by its number, as there may be a hundred thousand references. */
function isUnfit(code: number): boolean {
  return code < 0x20
    ? code !== 0x9 && code !== 0xa && code !== 0xd
    : code === 0xfffe || code === 0xffff;
}

interface Digits {
  readonly from: number;
  readonly end: number;
  readonly takesUnfit: boolean;
}
