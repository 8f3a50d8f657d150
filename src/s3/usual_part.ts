/**
 * A `<Part>` as clients write it: fields of plain text, each once, and nothing but blanks between them. There may be ten thousand of
 * them, and to read them as any XML takes four times as long. What is written otherwise is read as any XML.
 * @module
 */

import { Buffer } from "node:buffer";
import { decodeLatin1 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { isWrittenPlain, KIND, KINDS, type Span } from "./xml_references.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const [QUOTE, AMPERSAND, SLASH] = [0x22, 0x26, 0x2f] as const;
const [DIGIT_0, DIGIT_9, LESS, GREATER] = [0x30, 0x39, 0x3c, 0x3e] as const;
const PART = Buffer.from("<Part>");
const PART_END = Buffer.from("</Part>");
const NUMBER = Buffer.from("<PartNumber>");
const NUMBER_END = Buffer.from("</PartNumber>");
const ETAG = Buffer.from("<ETag>");
const ETAG_END = Buffer.from("</ETag>");
const CHECKSUM = Buffer.from("<Checksum");
/** How clients write the quotes of an ETag: the SDKs for Go as the second one. */
const QUOTES = ['"', "&#34;", "&quot;", "&#x22;"].map((quote) => Buffer.from(quote));
const [LETTER_P, LETTER_E] = [0x50, 0x45] as const;
const NUMBER_DIGITS_MAX = 5;
/** Around the name at an element's end. */
const CLOSING = "</>";

/** One part of CompleteMultipartUpload. */
export interface CompletedPart {
  readonly partNumber: number;
  /** Without quotes around it, which RGW does not need and which would be escaped into 12 more bytes a part. */
  readonly eTag: string;
  /** Its checksum's element, for a store that keeps those of parts. */
  readonly checksum: { readonly name: string; readonly value: string } | undefined;
}

/** Reads one part after the other. */
export class UsualPart {
  /** The document. */
  readonly bytes: Bytes;
  /** Whether an element may be in a part beside its number and ETag, by its name. */
  readonly #isKnown: (name: string) => boolean;
  /** Where the names of the other fields of this part and those before begin and end: they have been looked at. */
  readonly #names: number[] = [];
  /** How many other fields this part has. */
  #others = 0;
  /** Of the last part: its number. */
  numberFrom = 0;
  numberEnd = 0;
  /** Its ETag, without quotes. */
  eTagFrom = 0;
  eTagEnd = 0;
  /** Its first checksum, tags and all; both are the same where there is none. */
  checksumFrom = 0;
  checksumEnd = 0;
  #checksumNameEnd = 0;

  constructor(bytes: Bytes, { isKnown }: { isKnown: (name: string) => boolean }) {
    this.bytes = bytes;
    this.#isKnown = isKnown;
  }

  /** The name of the last part's checksum; empty where it has none. */
  get checksumName(): string {
    if (this.checksumEnd === 0) return "";
    return decodeLatin1(this.bytes, { start: this.checksumFrom + 1, end: this.#checksumNameEnd });
  }

  /** The last part, as texts. */
  describe(): CompletedPart {
    const read = (start: number, end: number): string => decodeLatin1(this.bytes, { start, end });
    const name = this.checksumName;
    const valueEnd = this.checksumEnd - name.length - CLOSING.length;
    return {
      partNumber: Number(read(this.numberFrom, this.numberEnd)),
      eTag: read(this.eTagFrom, this.eTagEnd),
      checksum: name === ""
        ? undefined
        : { name, value: read(this.#checksumNameEnd + 1, valueEnd) },
    };
  }

  /** Reads the part that begins at `from`; returns where it ends, or -1 where it is none, or written in another way. */
  read(from: number): number {
    if (!this.#is(PART, from)) return -1;
    const bytes = this.bytes;
    this.numberEnd =
      this.eTagEnd =
      this.checksumFrom =
      this.checksumEnd =
      this.#others =
        0;
    let at = this.#skipBlanks(from + PART.length);
    while (bytes[at] === LESS && bytes[at + 1] !== SLASH) {
      const letter = bytes[at + 1];
      if (letter === LETTER_P) at = this.#readNumber(at);
      else if (letter === LETTER_E) at = this.#readETag(at);
      else at = this.#readOther(at);
      if (at < 0) return -1;
      at = this.#skipBlanks(at);
    }
    const isWhole = this.numberEnd > 0 && this.eTagEnd > 0 && this.#is(PART_END, at);
    return isWhole ? at + PART_END.length : -1;
  }

  #readNumber(at: number): number {
    if (this.numberEnd > 0 || !this.#is(NUMBER, at)) return -1;
    const from = at + NUMBER.length;
    let end = from;
    for (let byte = this.bytes[end]; isDigit(byte); byte = this.bytes[++end]);
    const isNumber = end > from && end - from <= NUMBER_DIGITS_MAX && this.bytes[from] !== DIGIT_0;
    if (!isNumber || !this.#is(NUMBER_END, end)) return -1;
    this.numberFrom = from;
    this.numberEnd = end;
    return end + NUMBER_END.length;
  }

  #readETag(at: number): number {
    if (this.eTagEnd > 0 || !this.#is(ETAG, at)) return -1;
    const quote = this.#findQuote(at + ETAG.length);
    const from = at + ETAG.length + (quote?.length ?? 0);
    const end = this.#findEnd(from);
    if (quote !== undefined && !this.#is(quote, end)) return -1;
    const behind = end + (quote?.length ?? 0);
    if (end === from || !this.#is(ETAG_END, behind)) return -1;
    this.eTagFrom = from;
    this.eTagEnd = end;
    return behind + ETAG_END.length;
  }

  #findQuote(at: number): Uint8Array | undefined {
    const byte = this.bytes[at];
    if (byte !== QUOTE && byte !== AMPERSAND) return undefined;
    return QUOTES.find((quote) => this.#is(quote, at));
  }

  #readOther(at: number): number {
    const bytes = this.bytes;
    const nameFrom = at + 1;
    const nameEnd = this.#findEnd(nameFrom);
    if (bytes[nameEnd] !== GREATER || !this.#isKnownName(nameFrom, nameEnd)) return -1;
    const end = this.#findEnd(nameEnd + 1);
    const behind = end + 2 + nameEnd - nameFrom;
    if (bytes[end] !== LESS || bytes[end + 1] !== SLASH || bytes[behind] !== GREATER) return -1;
    if (!this.#isSame({ from: nameFrom, end: nameEnd }, end + 2)) return -1;
    if (this.checksumEnd === 0 && this.#is(CHECKSUM, at)) {
      this.checksumFrom = at;
      this.checksumEnd = behind + 1;
      this.#checksumNameEnd = nameEnd;
    }
    return behind + 1;
  }

  /** Whether another field may be called so, and this part has none yet. All parts of an upload have the same ones, mostly. */
  #isKnownName(from: number, end: number): boolean {
    const place = this.#others;
    for (let other = 0; other < place; other++) {
      if (this.#isNameOf(other, { from, end })) return false;
    }
    this.#others++;
    if (this.#isNameOf(place, { from, end })) return true;
    if (!this.#isKnown(decodeLatin1(this.bytes, { start: from, end }))) return false;
    this.#names[2 * place] = from;
    this.#names[2 * place + 1] = end;
    return true;
  }

  #isNameOf(other: number, name: Span): boolean {
    const from = this.#names[2 * other] ?? 0;
    const end = this.#names[2 * other + 1] ?? 0;
    return end - from === name.end - name.from && this.#isSame(name, from);
  }

  /** Where plain text from `from` on ends, or is too long. */
  #findEnd(from: number): number {
    const max = from + LIMITS.idCharactersMax;
    let end = from;
    while (end < max && isWrittenPlain(this.bytes[end] ?? 0)) end++;
    return end;
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (((KINDS[this.bytes[at] ?? 0] ?? 0) & KIND.blank) !== 0) at++;
    return at;
  }

  /** Whether what stands in a part stands at `at` as well. */
  #isSame({ from, end }: Span, at: number): boolean {
    for (let index = from; index < end; index++) {
      if (this.bytes[at + index - from] !== this.bytes[index]) return false;
    }
    return true;
  }

  #is(text: Uint8Array, at: number): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.bytes[at + index] !== text[index]) return false;
    }
    return true;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= DIGIT_0 && byte <= DIGIT_9;
}
