/**
 * The tags and texts of a short document, one after the other. It is strict: what is not well-formed is refused, and so are a
 * doctype, names outside ASCII, which S3 has none of, and whatever would have to be looked up. Time is linear in the document. It
 * is read as the bytes that came: what nobody asks for never becomes a string. tests/property holds it beside `saxes`.
 * See {@link https://www.w3.org/TR/xml/} and {@link https://www.w3.org/TR/xml-names/}.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { isXmlDeclaration } from "./xml_declaration.ts";
import { KIND, malformed } from "./xml_references.ts";
import { type XmlName, XmlSource } from "./xml_source.ts";
import { type XmlReaderOptions, XmlText } from "./xml_text.ts";

/** An attribute: its name as it is written, and what it says. */
export type XmlAttribute = readonly [name: string, value: string];

/** What comes next; `aside` is a comment or a processing instruction. */
export type XmlToken = "open" | "close" | "text" | "aside";

const [QUOTE, APOSTROPHE, SLASH, LESS] = [0x22, 0x27, 0x2f, 0x3c] as const;
const [EXCLAMATION, EQUALS, GREATER, QUESTION] = [0x21, 0x3d, 0x3e, 0x3f] as const;
const [HYPHEN, COLON, BRACKET] = [0x2d, 0x3a, 0x5d] as const;
const BYTE_ORDER_MARK = encodeUtf8("\ufeff");
const DECLARATION_START = encodeUtf8("<?xml");
const COMMENT_START = encodeUtf8("<!--");
const SECTION_START = encodeUtf8("<![CDATA[");
const DECLARATION_BYTES_MAX = 256;
const NO_ATTRIBUTES: readonly XmlAttribute[] = [];

/** Reads one document. Every method throws {@linkcode S3Error} `MalformedXML`. */
export class XmlReader {
  readonly #source: XmlSource;
  readonly #text: XmlText;
  readonly #isBackends: boolean;
  /** Where the names of the elements that are open begin and end. */
  readonly #open: number[] = [];
  #hasRoot = false;
  #sections = 0;
  /** Where the next token begins. */
  at: number;
  /** Of the element that was opened last. */
  name: XmlName = { whole: "", local: "" };
  attributes: readonly XmlAttribute[] = NO_ATTRIBUTES;
  /** Whether that element is closed at once, behind its {@linkcode text}; no `close` follows. */
  isClosed = false;

  constructor(document: string | Uint8Array<ArrayBuffer>, options: XmlReaderOptions) {
    const source = new XmlSource(document);
    this.#source = source;
    this.#text = new XmlText(source, options);
    this.#isBackends = options.isBackends;
    this.at = source.startsWith(BYTE_ORDER_MARK, 0) ? BYTE_ORDER_MARK.length : 0;
    const targetEnd = this.at + DECLARATION_START.length;
    const isLonger = source.is(targetEnd, KIND.namePart) || source.byte(targetEnd) === COLON;
    if (source.startsWith(DECLARATION_START, this.at) && !isLonger) this.#skipDeclaration();
  }

  /** The next token; `undefined` at the end. */
  next(): XmlToken | undefined {
    const { at } = this;
    if (at >= this.#source.bytes.length) {
      if (this.#open.length > 0 || !this.#hasRoot) throw malformed();
      return undefined;
    }
    if (this.#source.byte(at) !== LESS) return this.#readText();
    const second = this.#source.byte(at + 1);
    if (second === SLASH) return this.#readEndTag();
    if (second === QUESTION) return this.#skipInstruction();
    return second === EXCLAMATION ? this.#readDeclared() : this.#readStartTag();
  }

  /** The document. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#source.bytes;
  }

  /** Of a text; of an element that {@linkcode isClosed}, all that stands in it. */
  get text(): string {
    return this.#text.read();
  }

  #readText(): XmlToken {
    const { at } = this;
    this.#text.look(at);
    this.at = this.#text.end;
    if (this.#open.length > 0) {
      this.#text.verify();
      return "text";
    }
    for (let index = at; index < this.at; index++) {
      if (!this.#source.is(index, KIND.blank)) throw malformed();
    }
    return "aside";
  }

  #readStartTag(): XmlToken {
    const depth = this.#open.length / 2;
    if (depth === 0 && this.#hasRoot || depth >= LIMITS.xmlDepthMax) throw malformed();
    this.#hasRoot = true;
    const from = this.at + 1;
    this.name = this.#readName(from);
    const end = this.at;
    this.attributes = this.#source.byte(end) === GREATER ? NO_ATTRIBUTES : this.#readAttributes();
    const isEmpty = this.#source.byte(this.at) === SLASH;
    if (isEmpty) this.at++;
    if (this.#source.byte(this.at++) !== GREATER) throw malformed();
    if (isEmpty) this.#text.clear();
    this.isClosed = isEmpty || this.#readWhole(from, end);
    if (!this.isClosed) this.#open.push(from, end);
    return "open";
  }

  /** Whether the element whose name stands there has text alone, as most have: then it is read with its end. */
  #readWhole(from: number, end: number): boolean {
    const source = this.#source;
    this.#text.look(this.at);
    const at = this.#text.end;
    if (source.byte(at) !== LESS || source.byte(at + 1) !== SLASH) return false;
    const nameEnd = at + 2 + end - from;
    if (source.byte(nameEnd) !== GREATER) return false;
    if (!source.isSame({ from, end }, at + 2)) throw malformed();
    this.#text.verify();
    this.at = nameEnd + 1;
    return true;
  }

  #readAttributes(): readonly XmlAttribute[] {
    const attributes: XmlAttribute[] = [];
    for (;;) {
      const from = this.at;
      this.#skipBlanks();
      const byte = this.#source.byte(this.at);
      if (byte === SLASH || byte === GREATER) return attributes;
      if (this.at === from || attributes.length === LIMITS.xmlAttributesMax) throw malformed();
      attributes.push(this.#readAttribute());
    }
  }

  #readAttribute(): XmlAttribute {
    const { whole } = this.#readName(this.at);
    this.#skipBlanks();
    if (this.#source.byte(this.at++) !== EQUALS) throw malformed();
    this.#skipBlanks();
    const quote = this.#source.byte(this.at);
    if (quote !== QUOTE && quote !== APOSTROPHE) throw malformed();
    const from = this.at + 1;
    const end = this.#source.find(quote, from);
    this.at = end + 1;
    this.#text.take({ from, end }, "attribute");
    if (this.#source.bytes.subarray(from, end).includes(LESS)) throw malformed();
    const value = this.#text.read();
    this.#text.clear();
    return [whole, value];
  }

  #readEndTag(): XmlToken {
    const end = this.#open.pop();
    const from = this.#open.pop();
    const at = this.at + 2;
    if (from === undefined || end === undefined) throw malformed();
    if (!this.#source.isSame({ from, end }, at)) throw malformed();
    this.at = at + end - from;
    this.#skipBlanks();
    if (this.#source.byte(this.at++) !== GREATER) throw malformed();
    return "close";
  }

  /** A comment or a CDATA section; a doctype is neither. */
  #readDeclared(): XmlToken {
    const source = this.#source;
    if (source.startsWith(COMMENT_START, this.at)) {
      const from = this.at + COMMENT_START.length;
      const end = this.#findTwice(HYPHEN, from);
      if (source.byte(end + 2) !== GREATER) throw malformed();
      source.verify({ from, end }, this.#isBackends);
      this.at = end + 3;
      return "aside";
    }
    const isSection = source.startsWith(SECTION_START, this.at) && this.#open.length > 0;
    if (!isSection) throw malformed();
    if (++this.#sections > LIMITS.xmlSectionsMax && !this.#isBackends) throw malformed();
    const from = this.at + SECTION_START.length;
    let end = this.#findTwice(BRACKET, from);
    while (source.byte(end + 2) !== GREATER) end = this.#findTwice(BRACKET, end + 1);
    this.at = end + 3;
    this.#text.take({ from, end }, "section");
    return "text";
  }

  #skipInstruction(): XmlToken {
    const { whole } = this.#readName(this.at + 2);
    if (whole.includes(":") || whole.toLowerCase() === "xml") throw malformed();
    const from = this.at;
    let end = this.#source.find(QUESTION, from);
    while (this.#source.byte(end + 1) !== GREATER) end = this.#source.find(QUESTION, end + 1);
    if (end > from && !this.#source.is(from, KIND.blank)) throw malformed();
    this.#source.verify({ from, end }, this.#isBackends);
    this.at = end + 2;
    return "aside";
  }

  #skipDeclaration(): void {
    const from = this.at;
    const end = this.#source.find(GREATER, from) + 1;
    const isShort = end - from <= DECLARATION_BYTES_MAX;
    if (!isShort || this.#source.byte(end - 2) !== QUESTION) throw malformed();
    if (!isXmlDeclaration(this.#source.read({ from, end }, true))) throw malformed();
    this.at = end;
  }

  /** A name that begins at `from`, with a prefix or without; moves behind it. What follows it is looked at by who reads on. */
  #readName(from: number): XmlName {
    const source = this.#source;
    if (!source.is(from, KIND.nameStart)) throw malformed();
    let hash = 0;
    let hasPrefix = false;
    let at = from;
    for (;; at++) {
      const byte = source.byte(at);
      if (!source.is(at, KIND.namePart)) {
        if (byte !== COLON || hasPrefix || !source.is(at + 1, KIND.nameStart)) break;
        hasPrefix = true;
      }
      hash = hash * 31 + byte | 0;
    }
    this.at = at;
    return source.readName({ from, end: at }, hash);
  }

  /** Where a byte stands twice in a row. */
  #findTwice(byte: number, from: number): number {
    let at = this.#source.find(byte, from);
    while (this.#source.byte(at + 1) !== byte) at = this.#source.find(byte, at + 1);
    return at;
  }

  #skipBlanks(): void {
    while (this.#source.is(this.at, KIND.blank)) this.at++;
  }
}
