/**
 * The bytes of a document, as its reader looks at them.
 * @module
 */

import { Buffer, isUtf8 } from "node:buffer";
import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { KINDS, malformed, readKinds, type Span, verifyCharacters } from "./xml_references.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The name of an element or attribute. */
export interface XmlName {
  /** As it is written. */
  readonly whole: string;
  /** Without its prefix. */
  readonly local: string;
}

/** A document: UTF-8, and known to be. */
export class XmlSource {
  readonly bytes: Bytes;
  /** The same bytes. */
  readonly #view: Buffer;
  /** Names by their hash: each becomes a string only once. */
  readonly #names = new Map<number, { readonly from: number; readonly name: XmlName }>();

  /** @throws {S3Error} `MalformedXML` for what is not UTF-8. */
  constructor(document: string | Bytes) {
    const isText = typeof document === "string";
    if (isText ? !document.isWellFormed() : !isUtf8(document)) throw malformed();
    this.bytes = isText ? encodeUtf8(document) : document;
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.#view = Buffer.from(buffer, byteOffset, byteLength);
  }

  /** NUL behind the end, which is nothing that is looked for. */
  byte(at: number): number {
    return this.bytes[at] ?? 0;
  }

  /** Whether a byte is of `kind`. */
  is(at: number, kind: number): boolean {
    return ((KINDS[this.byte(at)] ?? 0) & kind) !== 0;
  }

  /** Whether `text` stands at `at`. */
  startsWith(text: Uint8Array, at: number): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.bytes[at + index] !== text[index]) return false;
    }
    return true;
  }

  /** Whether what stands in a part stands at `at` as well. */
  isSame({ from, end }: Span, at: number): boolean {
    for (let index = from; index < end; index++) {
      if (this.bytes[at + index - from] !== this.bytes[index]) return false;
    }
    return true;
  }

  /** Where a byte stands from `from` on. @throws {S3Error} `MalformedXML` where it does not. */
  find(byte: number, from: number): number {
    const at = this.bytes.indexOf(byte, from);
    if (at < 0) throw malformed();
    return at;
  }

  /** The text of a part; `isAscii` says that it is known to be. */
  read({ from, end }: Span, isAscii: boolean): string {
    return this.#view.toString(isAscii ? "latin1" : "utf8", from, end);
  }

  /** The name of a part, which has this hash. */
  readName({ from, end }: Span, hash: number): XmlName {
    const known = this.#names.get(hash);
    if (known !== undefined) {
      const { name, from: knownFrom } = known;
      const isKnown = name.whole.length === end - from && this.isSame({ from, end }, knownFrom);
      if (isKnown) return name;
    }
    const whole = this.read({ from, end }, true);
    const name = { whole, local: whole.slice(whole.indexOf(":") + 1) };
    if (this.#names.size < LIMITS.xmlNamesKeptMax) this.#names.set(hash, { from, name });
    return name;
  }

  /** Verifies the characters of a part; returns their kinds. @throws {S3Error} as {@linkcode verifyCharacters}. */
  verify({ from, end }: Span, takesUnfit: boolean): number {
    const kinds = readKinds(this.bytes, { from, end });
    verifyCharacters(this.bytes, { from, end, kinds, takesUnfit });
    return kinds;
  }

  /** How many characters a part has, as UTF-16 counts them. */
  countCharacters({ from, end }: Span): number {
    let count = 0;
    for (let at = from; at < end; at++) {
      const byte = this.byte(at);
      if (byte < 0x80 || byte >= 0xc0) count += byte >= 0xf0 ? 2 : 1;
    }
    return count;
  }
}
