/**
 * What stands between `<` and `>` of a document that streams by: names, and what is neither tag nor text.
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The name of an element. */
export interface XmlName {
  /** As it is written. */
  readonly bytes: Bytes;
  /** Without its prefix. */
  readonly local: string;
}

const NAME = /^[A-Za-z_\x80-\uffff][^\s"'<>&=/]*$/;

/** The names of one document: each becomes a string only once. */
export class XmlNames {
  readonly #known = new Map<number, XmlName>();

  /** @throws {S3Error} `BadGateway` for what is no name. */
  find(bytes: Bytes, hash: number): XmlName {
    const known = this.#known.get(hash);
    if (known !== undefined && isSame(known.bytes, bytes)) return known;
    const text = decodeUtf8(bytes) ?? "";
    if (!NAME.test(text)) throw malformed("a tag has no name");
    const name = { bytes: bytes.slice(), local: text.slice(text.lastIndexOf(":") + 1) };
    if (this.#known.size < LIMITS.xmlNamesKeptMax) this.#known.set(hash, name);
    return name;
  }
}

/** What is neither a tag nor text, by how it begins and ends. */
const ASIDES = [
  { kind: "instruction", start: encodeUtf8("<?"), end: encodeUtf8("?>") },
  { kind: "comment", start: encodeUtf8("<!--"), end: encodeUtf8("-->") },
  { kind: "cdata", start: encodeUtf8("<![CDATA["), end: encodeUtf8("]]>") },
] as const;
const ENCODING = /^<\?xml\s[^>]*encoding\s*=\s*["']([^"'>]*)/i;
const UTF_8 = /^utf-?8$/i;

/** An instruction, a comment or a CDATA section. */
export interface Aside {
  readonly length: number;
  /** What a CDATA section says, escaped. */
  readonly text: Bytes | undefined;
}

/**
 * Reads the one at the start of `bytes`; `undefined` where it does not end there.
 * @throws {S3Error} `BadGateway` for a doctype, and for a document in another encoding than UTF-8.
 */
export function findAside(bytes: Bytes): Aside | undefined {
  for (const { kind, start, end } of ASIDES) {
    const length = Math.min(start.length, bytes.length);
    if (!startsWith(bytes, { at: 0, text: start.subarray(0, length) })) continue;
    if (length < start.length) return undefined;
    const endAt = indexOf(bytes, { text: end, from: start.length });
    if (endAt < 0) return undefined;
    if (kind === "instruction") {
      const [, encoding] = ENCODING.exec(decode(bytes.subarray(0, endAt))) ?? [];
      if (encoding !== undefined && !UTF_8.test(encoding)) throw malformed("it is not in UTF-8");
    }
    const text = kind === "cdata" ? escapeCdata(bytes.subarray(start.length, endAt)) : undefined;
    return { length: endAt + end.length, text };
  }
  throw malformed("it has a doctype");
}

/** Whether `text` stands in `bytes` at `at`. */
export function startsWith(bytes: Bytes, { at, text }: { at: number; text: Bytes }): boolean {
  return text.every((byte, index) => bytes[at + index] === byte);
}

/** The error for a backend's document that is not valid XML. */
export function malformed(cause: string): S3Error {
  return new S3Error("BadGateway", { reason: "response_not_xml", cause });
}

function escapeCdata(content: Bytes): Bytes {
  return encodeUtf8(decode(content).replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
}

function decode(bytes: Bytes): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw malformed("it is not in UTF-8");
  return text;
}

function indexOf(bytes: Bytes, { text, from }: { text: Bytes; from: number }): number {
  for (let at = from;; at++) {
    at = bytes.indexOf(text[0] ?? 0, at);
    if (at < 0 || at + text.length > bytes.length) return -1;
    if (startsWith(bytes, { at, text })) return at;
  }
}

function isSame(left: Bytes, right: Bytes): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}
