/**
 * A long document as it is written, piece by piece, as bytes: a text of many pieces is made twice.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { ESCAPES, escapeText, formatDocument } from "./xml.ts";
import type { Span } from "./xml_references.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A short text is written faster by a loop than by the runtime. */
const SHORT_CHARACTERS = 48;
const encoder = new TextEncoder();

/** By byte. */
const ESCAPE_BYTES: readonly (Uint8Array | undefined)[] = Array.from(
  ESCAPES,
  (escape) => escape === undefined ? undefined : encoder.encode(escape),
);
/** What counts for a byte that may be of a character that XML cannot hold: more than all others of a document. */
const RARE = 1 << 24;
/** By how many bytes each gets longer. */
const MORE = Uint32Array.from({ length: 256 }, (_, byte) => {
  const escape = ESCAPE_BYTES[byte];
  if (escape !== undefined) return escape.length - 1;
  return byte < 0x20 || byte === 0xef ? RARE : 0;
});

/** Writes one document. */
export class XmlWriter {
  readonly #tail: string;
  #bytes: Bytes = new Uint8Array(LIMITS.documentPieceBytes);
  #length = 0;

  /** `root` is its name, it is in S3's namespace, and `last` is XML at its end. */
  constructor(root: string, { last = "" }: { last?: string } = {}) {
    const [head = "", tail = ""] = formatDocument(root, `\0${last}`).split("\0");
    this.#tail = tail;
    this.append(head);
  }

  /** How many bytes there will be if it ends now. */
  get length(): number {
    return this.#length + this.#tail.length;
  }

  /** Forgets what was appended since {@linkcode length} was so. */
  cut(length: number): void {
    this.#length = length - this.#tail.length;
  }

  /** Appends XML. */
  append(xml: string): void {
    // No unit of UTF-16 takes more.
    this.#make(3 * xml.length);
    if (xml.length > SHORT_CHARACTERS) return this.#encode(xml);
    const bytes = this.#bytes;
    let length = this.#length;
    for (let at = 0; at < xml.length; at++) {
      const unit = xml.charCodeAt(at);
      if (unit >= 0x80) return this.#encode(xml);
      bytes[length++] = unit;
    }
    this.#length = length;
  }

  /** Appends a text, as {@linkcode escapeText} writes it. */
  appendText(text: string): void {
    const from = this.#length;
    this.append(text);
    let more = 0;
    for (let at = from; at < this.#length; at++) more += MORE[this.#bytes[at] ?? 0] ?? 0;
    if (more === 0) return;
    if (more >= RARE) {
      this.#length = from;
      return this.append(escapeText(text));
    }
    this.#make(more);
    const bytes = this.#bytes;
    // From its end, so that nothing has to be copied first.
    let at = this.#length;
    let to = at + more;
    this.#length = to;
    while (to > at) {
      const byte = bytes[--at] ?? 0;
      const escape = ESCAPE_BYTES[byte];
      if (escape === undefined) bytes[--to] = byte;
      else for (let index = escape.length; index > 0;) bytes[--to] = escape[--index] ?? 0;
    }
  }

  /** Appends a part of a document. */
  appendBytes({ bytes, from, end }: Span & { bytes: Bytes }): void {
    this.#make(end - from);
    const written = this.#bytes;
    let length = this.#length;
    for (let at = from; at < end; at++) written[length++] = bytes[at] ?? 0;
    this.#length = length;
  }

  /** Ends it. */
  finish(): Bytes {
    this.append(this.#tail);
    return this.#bytes.subarray(0, this.#length);
  }

  #encode(xml: string): void {
    this.#length += encoder.encodeInto(xml, this.#bytes.subarray(this.#length)).written;
  }

  #make(room: number): void {
    const wanted = this.#length + room;
    if (wanted <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(
      this.#bytes.buffer.transfer(Math.max(wanted, 2 * this.#bytes.length)),
    );
  }
}
