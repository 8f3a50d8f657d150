/**
 * One text of a document at a time.
 * @module
 */

import { LIMITS } from "../limits.ts";
import {
  KIND,
  KINDS,
  malformed,
  resolveText,
  type Span,
  type TextPlace,
  verifyCharacters,
} from "./xml_references.ts";
import type { XmlSource } from "./xml_source.ts";

const [BRACKET, GREATER] = [0x5d, 0x3e] as const;
/** Of one unit of UTF-16. */
const UTF8_BYTES_MAX = 3;

/** How a document's reader reads. */
export interface XmlReaderOptions {
  /** A backend's document may have characters that XML 1.0 cannot hold, as they are or as references, and long texts. */
  readonly isBackends: boolean;
  /** Bytes of texts with references, which take longest to read; any number where it is left out. */
  readonly resolvedBytesMax?: number | undefined;
}

/** The text that was looked at last. It becomes a string only where somebody reads it. */
export class XmlText {
  readonly #source: XmlSource;
  readonly #isBackends: boolean;
  /** Bytes that may still be resolved. */
  #resolvedBytesLeft: number;
  #kinds = 0;
  /** What it says, where that is not what is written. */
  #resolved: string | undefined;
  /** Where it begins, and where it ends; -1 for none. */
  from = -1;
  end = -1;

  constructor(
    source: XmlSource,
    { isBackends, resolvedBytesMax = Infinity }: XmlReaderOptions,
  ) {
    this.#source = source;
    this.#isBackends = isBackends;
    this.#resolvedBytesLeft = resolvedBytesMax;
  }

  /** There is none. */
  clear(): void {
    this.from = this.end = -1;
  }

  /** Looks at the text from `from` on, to the markup behind it, or to where it is too long for {@linkcode verify}. */
  look(from: number): void {
    if (this.from === from) return;
    const { bytes } = this.#source;
    const bytesMax = this.#isBackends ? Infinity : UTF8_BYTES_MAX * LIMITS.xmlTextCharactersMax + 1;
    const length = Math.min(bytes.length, from + bytesMax);
    let kinds = 0;
    let at = from;
    for (; at < length; at++) {
      const kind = KINDS[bytes[at] ?? 0] ?? 0;
      if (kind === KIND.less) break;
      kinds |= kind;
    }
    [this.from, this.end, this.#kinds] = [from, at, kinds];
  }

  /** Takes a part for it. @throws {S3Error} `MalformedXML` for characters that XML does not have. */
  take(span: Span, place: TextPlace): void {
    [this.from, this.end] = [span.from, span.end];
    this.#kinds = this.#source.verify(span, place !== "attribute" && this.#isBackends);
    this.#resolve(place);
  }

  /** Verifies what {@linkcode look} has found. @throws {S3Error} `MalformedXML` for what is no text. */
  verify(): void {
    const { from, end } = this;
    const { bytes } = this.#source;
    const kinds = this.#kinds;
    verifyCharacters(bytes, { from, end, kinds, takesUnfit: this.#isBackends });
    if ((kinds & KIND.bracket) !== 0) {
      for (let at = from; at < end; at++) {
        if (bytes[at] !== BRACKET || bytes[at + 1] !== BRACKET) continue;
        if (bytes[at + 2] === GREATER) throw malformed();
      }
    }
    this.#resolve("element");
  }

  /** What it says. */
  read(): string {
    const { from, end } = this;
    if (from >= end) return "";
    return this.#resolved ?? this.#source.read({ from, end }, !this.#has(KIND.beyondAscii));
  }

  #has(kind: number): boolean {
    return (this.#kinds & kind) !== 0;
  }

  /** At once, because a reference may be none. */
  #resolve(place: TextPlace): void {
    const { from, end } = this;
    const isLong = end - from > LIMITS.xmlTextCharactersMax && !this.#isBackends;
    if (isLong && this.#source.countCharacters({ from, end }) > LIMITS.xmlTextCharactersMax) {
      throw malformed();
    }
    const isAttribute = place === "attribute";
    const changing = isAttribute
      ? KIND.ampersand | KIND.blank
      : KIND.ampersand | KIND.carriageReturn;
    this.#resolved = undefined;
    if (!this.#has(changing)) return;
    this.#resolvedBytesLeft -= end - from;
    if (this.#resolvedBytesLeft < 0) throw malformed();
    const takesUnfit = this.#isBackends && !isAttribute;
    this.#resolved = resolveText(this.#source.bytes, { from, end, place, takesUnfit });
  }
}
