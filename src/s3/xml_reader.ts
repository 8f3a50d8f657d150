/**
 * The tags and texts of a short document, one after the other. It is strict: what is not well-formed is refused, and so are a
 * doctype, names outside ASCII, which S3 has none of, and whatever would have to be looked up. Time is linear in the text,
 * at 10 to 20 ns a byte of the worst; `saxes`, beside which tests/property holds it, takes ten times that.
 * See {@link https://www.w3.org/TR/xml/} and {@link https://www.w3.org/TR/xml-names/}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { isXmlDeclaration } from "./xml_declaration.ts";
import { malformed, resolveReferences, verifyCharacters } from "./xml_references.ts";

/** An attribute: its name as it is written, and what it says. */
export type XmlAttribute = readonly [name: string, value: string];

/** What comes next; `aside` is a comment or a processing instruction. */
export type XmlToken =
  | {
    readonly kind: "open";
    readonly name: string;
    readonly attributes: readonly XmlAttribute[];
    /** Whether it is closed at once, behind {@linkcode text}; no `close` follows. */
    readonly isClosed: boolean;
    /** All that stands in it, where that is plain text alone. */
    readonly text: string;
  }
  | { readonly kind: "close" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "aside" };

/** How {@linkcode XmlReader} reads. */
export interface XmlReaderOptions {
  /** A backend's document may have characters that XML 1.0 cannot hold, as they are or as references, and long texts. */
  readonly isBackends: boolean;
}

const [TAB, NEWLINE, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20] as const;
const [QUOTE, APOSTROPHE, SLASH, LESS] = [0x22, 0x27, 0x2f, 0x3c] as const;
const [EXCLAMATION, EQUALS, GREATER, QUESTION] = [0x21, 0x3d, 0x3e, 0x3f] as const;
/** One colon at most, which ends a prefix; what follows a name is looked at by who reads on. */
const NAME = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;

/**
 * An element of plain text, from tag to tag: most of a long document, at a third of the time of three tokens. A text that asks for a
 * closer look, for a reference, a `]]>` or a character that XML does not have, is none.
 */
const PLAIN =
  // deno-lint-ignore no-control-regex -- XML 1.0 §2.2 excludes just these
  /<[A-Za-z_][\w.-]*>[^<&\]\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*<\/[A-Za-z_][\w.-]*>/y;

const DECLARATION_CHARACTERS_MAX = 256;
const ASIDE: XmlToken = { kind: "aside" };
const CLOSE: XmlToken = { kind: "close" };
const NO_ATTRIBUTES: readonly XmlAttribute[] = [];

/** Reads one document. Every method throws {@linkcode S3Error} `MalformedXML`. */
export class XmlReader {
  readonly #text: string;
  readonly #isBackends: boolean;
  readonly #open: string[] = [];
  #hasRoot = false;
  #sections = 0;
  /** Where the next token begins. */
  at: number;

  constructor(text: string, { isBackends }: XmlReaderOptions) {
    this.#text = text;
    this.#isBackends = isBackends;
    if (!text.isWellFormed()) throw malformed();
    this.at = text.startsWith("\ufeff") ? 1 : 0;
    if (text.startsWith("<?xml", this.at) && !isNamePart(text.charAt(this.at + 5))) {
      this.#skipDeclaration();
    }
  }

  /** The next token; `undefined` at the end. */
  next(): XmlToken | undefined {
    const { at } = this;
    if (at >= this.#text.length) {
      if (this.#open.length > 0 || !this.#hasRoot) throw malformed();
      return undefined;
    }
    if (this.#code(at) !== LESS) return this.#readText();
    const code = this.#code(at + 1);
    if (code === SLASH) return this.#readEndTag();
    if (code === QUESTION) return this.#skipInstruction();
    return code === EXCLAMATION ? this.#readDeclared() : this.#readStartTag();
  }

  #readText(): XmlToken {
    const { at } = this;
    const less = this.#text.indexOf("<", at);
    const end = less < 0 ? this.#text.length : less;
    this.at = end;
    if (this.#open.length === 0) {
      for (let index = at; index < end; index++) if (!isBlank(this.#code(index))) throw malformed();
      return ASIDE;
    }
    const text = this.#cut(at, end);
    if (text.includes("]]>")) throw malformed();
    return { kind: "text", text: resolveReferences(toNewlines(text), this.#isBackends) };
  }

  #readStartTag(): XmlToken {
    if (this.#open.length === 0 && this.#hasRoot) throw malformed();
    this.#hasRoot = true;
    PLAIN.lastIndex = this.at;
    if (PLAIN.test(this.#text)) return this.#takePlain(this.at, PLAIN.lastIndex);
    const name = this.#readName(this.at + 1);
    let attributes: readonly XmlAttribute[] | undefined;
    for (;;) {
      const from = this.at;
      this.#skipBlanks();
      const code = this.#code(this.at);
      const isEmpty = code === SLASH;
      if (isEmpty || code === GREATER) {
        if (isEmpty && this.#code(this.at + 1) !== GREATER) throw malformed();
        this.at += isEmpty ? 2 : 1;
        if (this.#open.length >= LIMITS.xmlDepthMax) throw malformed();
        if (!isEmpty) this.#open.push(name);
        attributes ??= NO_ATTRIBUTES;
        return { kind: "open", name, attributes, isClosed: isEmpty, text: "" };
      }
      if (this.at === from || attributes?.length === LIMITS.xmlAttributesMax) throw malformed();
      attributes = [...attributes ?? [], this.#readAttribute()];
    }
  }

  /** Cut by where things stand: an array of matches would cost as much as all the rest. */
  #takePlain(from: number, end: number): XmlToken {
    const nameEnd = this.#text.indexOf(">", from);
    const name = this.#text.slice(from + 1, nameEnd);
    const textEnd = end - name.length - 3;
    const isSame = this.#text.startsWith("</", textEnd) && this.#text.startsWith(name, textEnd + 2);
    if (!isSame || this.#open.length >= LIMITS.xmlDepthMax) throw malformed();
    this.at = end;
    const text = this.#cut(nameEnd + 1, textEnd);
    return { kind: "open", name, attributes: NO_ATTRIBUTES, isClosed: true, text };
  }

  #readAttribute(): XmlAttribute {
    const name = this.#readName(this.at);
    this.#skipBlanks();
    if (this.#code(this.at) !== EQUALS) throw malformed();
    this.at++;
    this.#skipBlanks();
    const quote = this.#code(this.at);
    if (quote !== QUOTE && quote !== APOSTROPHE) throw malformed();
    const from = this.at + 1;
    const end = this.#text.indexOf(quote === QUOTE ? '"' : "'", from);
    if (end < 0) throw malformed();
    const value = this.#cut(from, end);
    if (value.includes("<")) throw malformed();
    this.at = end + 1;
    return [name, resolveReferences(value.replace(/\r\n|[\t\n\r]/g, " "), false)];
  }

  #readEndTag(): XmlToken {
    const name = this.#open.pop();
    const from = this.at + 2;
    if (name === undefined || !this.#text.startsWith(name, from)) throw malformed();
    this.at = from + name.length;
    this.#skipBlanks();
    if (this.#code(this.at) !== GREATER) throw malformed();
    this.at++;
    return CLOSE;
  }

  /** A comment or a CDATA section; a doctype is neither. */
  #readDeclared(): XmlToken {
    const text = this.#text;
    if (text.startsWith("<!--", this.at)) {
      const from = this.at + 4;
      const end = text.indexOf("--", from);
      if (end < 0 || this.#code(end + 2) !== GREATER) throw malformed();
      verifyCharacters(text.slice(from, end), this.#isBackends);
      this.at = end + 3;
      return ASIDE;
    }
    if (!text.startsWith("<![CDATA[", this.at) || this.#open.length === 0) throw malformed();
    if (++this.#sections > LIMITS.xmlSectionsMax && !this.#isBackends) throw malformed();
    const from = this.at + 9;
    const end = text.indexOf("]]>", from);
    if (end < 0) throw malformed();
    const content = this.#cut(from, end);
    verifyCharacters(content, this.#isBackends);
    this.at = end + 3;
    return { kind: "text", text: toNewlines(content) };
  }

  #skipInstruction(): XmlToken {
    const target = this.#readName(this.at + 2);
    if (target.includes(":") || target.toLowerCase() === "xml") throw malformed();
    const end = this.#text.indexOf("?>", this.at);
    if (end < 0 || end > this.at && !isBlank(this.#code(this.at))) throw malformed();
    verifyCharacters(this.#text.slice(this.at, end), this.#isBackends);
    this.at = end + 2;
    return ASIDE;
  }

  #skipDeclaration(): void {
    const end = this.#text.indexOf("?>", this.at) + 2;
    const isShort = end >= 2 && end - this.at <= DECLARATION_CHARACTERS_MAX;
    if (!isShort || !isXmlDeclaration(this.#text.slice(this.at, end))) throw malformed();
    this.at = end;
  }

  /** A name that begins at `from`, with a prefix or without; moves behind it. */
  #readName(from: number): string {
    NAME.lastIndex = from;
    if (!NAME.test(this.#text)) throw malformed();
    this.at = NAME.lastIndex;
    return this.#text.slice(from, this.at);
  }

  #skipBlanks(): void {
    while (isBlank(this.#code(this.at))) this.at++;
  }

  /** NaN behind the end. */
  #code(at: number): number {
    return this.#text.charCodeAt(at);
  }

  #cut(from: number, end: number): string {
    if (!this.#isBackends && end - from > LIMITS.xmlTextCharactersMax) throw malformed();
    return this.#text.slice(from, end);
  }
}

/** XML 1.0 §2.11. */
function toNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function isNamePart(character: string): boolean {
  return /^[\w.:-]$/.test(character);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === NEWLINE || code === TAB || code === RETURN;
}
