/**
 * Characters of a document, and what stands for them. See {@link https://www.w3.org/TR/xml/} §2.2, §2.11 and §4.1.
 * @module
 */

import { Buffer } from "node:buffer";
import { decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a byte can be, as bits; `unfit` are those of characters that XML 1.0 §2.2 excludes. */
export const KIND = {
  nameStart: 1,
  namePart: 2,
  blank: 4,
  less: 8,
  ampersand: 16,
  carriageReturn: 32,
  bracket: 64,
  unfit: 128,
  beyondAscii: 256,
} as const;

/** By byte. Names outside ASCII are refused, which S3 has none of. */
export const KINDS = Uint16Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z_]/.test(character)) return KIND.nameStart | KIND.namePart;
  if (/[0-9.-]/.test(character)) return KIND.namePart;
  if (character === "\r") return KIND.blank | KIND.carriageReturn;
  if (/[ \t\n]/.test(character)) return KIND.blank;
  if (byte < 0x20) return KIND.unfit;
  if (byte >= 0x80) return KIND.beyondAscii;
  return { "<": KIND.less, "&": KIND.ampersand, "]": KIND.bracket }[character] ?? 0;
});

const [TAB, NEWLINE, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20] as const;
const [HASH, AMPERSAND, SEMICOLON, LETTER_X] = [0x23, 0x26, 0x3b, 0x78] as const;
/** What the five names stand for, by their first letters; `&apos;` begins as `&amp;` does. */
const [LETTER_A, LETTER_L, LETTER_G, LETTER_Q] = [0x61, 0x6c, 0x67, 0x71] as const;
const [LETTER_P, LESS, GREATER, QUOTE, APOSTROPHE] = [0x70, 0x3c, 0x3e, 0x22, 0x27] as const;
const AMP = Buffer.from("amp;");
const APOS = Buffer.from("apos;");
const LT = Buffer.from("lt;");
const GT = Buffer.from("gt;");
const QUOT = Buffer.from("quot;");
/** By byte. */
const WRITTEN_PLAIN = Uint8Array.from(
  { length: 256 },
  (_, byte) =>
    byte >= SPACE && byte < 0x7f && !"<>&\"'".includes(String.fromCharCode(byte)) ? 1 : 0,
);
/** `x0010FFFF;` */
const NUMBER_BYTES_MAX = 10;
const NO_DIGIT = 16;
/** By byte. */
const DIGIT_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

/** Whether a byte is written as it is, wherever it stands. */
export function isWrittenPlain(byte: number): boolean {
  return WRITTEN_PLAIN[byte] === 1;
}

/** A document that is none. */
export function malformed(): S3Error {
  return new S3Error("MalformedXML");
}

/** A part of a document: from a byte to before another. */
export interface Span {
  readonly from: number;
  readonly end: number;
}

/** The bits of all bytes of a part. */
export function readKinds(bytes: Bytes, { from, end }: Span): number {
  let kinds = 0;
  for (let at = from; at < end; at++) kinds |= KINDS[bytes[at] ?? 0] ?? 0;
  return kinds;
}

/**
 * Whether XML can hold a part that has these {@linkcode KIND}s; with `takesUnfit` all but NUL is taken.
 * @throws {S3Error} `MalformedXML` where it cannot.
 */
export function verifyCharacters(
  bytes: Bytes,
  { from, end, kinds, takesUnfit }: Span & { kinds: number; takesUnfit: boolean },
): void {
  if (takesUnfit) {
    if ((kinds & KIND.unfit) !== 0 && bytes.subarray(from, end).includes(0)) throw malformed();
    return;
  }
  if ((kinds & KIND.unfit) !== 0) throw malformed();
  if ((kinds & KIND.beyondAscii) === 0) return;
  for (let at = from; at < end; at++) {
    // U+FFFE and U+FFFF
    if (bytes[at] === 0xef && bytes[at + 1] === 0xbf && (bytes[at + 2] ?? 0) >= 0xbe) {
      throw malformed();
    }
  }
}

/** What a text is read as: references are resolved in all but a section; in an attribute a newline is a blank. */
export type TextPlace = "element" | "attribute" | "section";

/** Where the reference ends that was read last: at its semicolon. */
let referenceEnd = 0;
/** Used again and again: a document may have a hundred thousand references. */
let memory: Bytes = new Uint8Array(0);

/**
 * A part with what its references stand for, and with its newlines as XML has them. Nothing is declared here, so there are the references of
 * characters and five names. INVARIANT: it is whole characters of UTF-8.
 * @throws {S3Error} `MalformedXML` for any other.
 */
export function resolveText(
  bytes: Bytes,
  { from, end, place, takesUnfit }: Span & { place: TextPlace; takesUnfit: boolean },
): string {
  const resolved = takeMemory(end - from);
  const isAttribute = place === "attribute";
  const isSection = place === "section";
  let length = 0;
  // No reference is shorter than what it stands for.
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === AMPERSAND && !isSection) {
      const code = bytes[at + 1] === HASH ? readNumber(bytes, at + 2) : readName(bytes, at + 1);
      at = referenceEnd;
      if (!takesUnfit && isUnfit(code)) throw malformed();
      if (code < 0x80) resolved[length++] = code;
      else length = writeCode(code, { bytes: resolved, at: length });
    } else if (byte === RETURN) {
      if (bytes[at + 1] === NEWLINE && at + 1 < end) at++;
      resolved[length++] = isAttribute ? SPACE : NEWLINE;
    } else {
      const isBlank = isAttribute && (byte === NEWLINE || byte === TAB);
      resolved[length++] = isBlank ? SPACE : byte;
    }
  }
  return decodeUtf8(resolved.subarray(0, length)) ?? "";
}

function takeMemory(length: number): Bytes {
  if (length <= memory.length) return memory;
  const taken = new Uint8Array(Math.max(length, LIMITS.xmlTextCharactersMax));
  if (taken.length === LIMITS.xmlTextCharactersMax) memory = taken;
  return taken;
}

/** What the name at `from` stands for. */
function readName(bytes: Bytes, from: number): number {
  switch (bytes[from]) {
    case LETTER_A:
      return bytes[from + 1] === LETTER_P
        ? endName(bytes, { from, name: APOS, code: APOSTROPHE })
        : endName(bytes, { from, name: AMP, code: AMPERSAND });
    case LETTER_L:
      return endName(bytes, { from, name: LT, code: LESS });
    case LETTER_G:
      return endName(bytes, { from, name: GT, code: GREATER });
    case LETTER_Q:
      return endName(bytes, { from, name: QUOT, code: QUOTE });
    default:
      throw malformed();
  }
}

/** `code`, where the name stands at `from`. */
function endName(
  bytes: Bytes,
  { from, name, code }: { from: number; name: Uint8Array; code: number },
): number {
  for (let index = 1; index < name.length; index++) {
    if (bytes[from + index] !== name[index]) throw malformed();
  }
  referenceEnd = from + name.length - 1;
  return code;
}

/** The number of a character, decimal or hexadecimal behind an `x`. */
function readNumber(bytes: Bytes, from: number): number {
  const isHex = bytes[from] === LETTER_X;
  const base = isHex ? 16 : 10;
  const first = isHex ? from + 1 : from;
  let code = 0;
  let at = first;
  for (; bytes[at] !== SEMICOLON; at++) {
    const digit = DIGIT_VALUES[bytes[at] ?? 0] ?? NO_DIGIT;
    if (digit >= base || at - from >= NUMBER_BYTES_MAX) throw malformed();
    code = code * base + digit;
  }
  if (at === first || code === 0 || code > 0x10ffff || isSurrogate(code)) throw malformed();
  referenceEnd = at;
  return code;
}

/** Writes a character as UTF-8; returns where it ends. */
function writeCode(code: number, { bytes, at }: { bytes: Bytes; at: number }): number {
  if (code < 0x80) {
    bytes[at] = code;
    return at + 1;
  }
  let end = at;
  if (code < 0x800) bytes[end++] = 0xc0 | code >> 6;
  else {
    if (code < 0x10000) bytes[end++] = 0xe0 | code >> 12;
    else {
      bytes[end++] = 0xf0 | code >> 18;
      bytes[end++] = 0x80 | code >> 12 & 0x3f;
    }
    bytes[end++] = 0x80 | code >> 6 & 0x3f;
  }
  bytes[end++] = 0x80 | code & 0x3f;
  return end;
}

/** Half of a character of UTF-16, which is none. */
function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** Whether XML 1.0 excludes the character. */
function isUnfit(code: number): boolean {
  return code < SPACE
    ? code !== TAB && code !== NEWLINE && code !== RETURN
    : code === 0xfffe || code === 0xffff;
}
