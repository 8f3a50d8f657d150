/**
 * A backend's XML document as it streams by: a listener is told of each tag and text, and all that it does not take out goes on as
 * the bytes it came as. There is no tree and no text of the whole: memory does not depend on the document's length, and
 * time is linear in it.
 *
 * It checks what the copy depends on: that tags are closed in order, that there is one root, in UTF-8, without a
 * doctype. The words between tags stay the backend's business.
 * See {@link https://www.w3.org/TR/xml/}.
 * @module
 */

import { ByteBuffer } from "../lib/byte_buffer.ts";
import { concatBytes, encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { findAside, malformed, startsWith, type XmlName, XmlNames } from "./xml_markup.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Is told of tags and text, and decides: each answer says whether the bytes go on. */
export interface XmlListener {
  /** A start tag; `name` has no prefix. Of `<a/>`, too, which is closed at once. */
  open(name: string): boolean;
  /** Character data, escaped as it came; a text may come in several pieces. What is kept of it has to be copied. */
  text(piece: Bytes): boolean;
  /** An end tag. */
  close(name: string): boolean;
}

const [QUOTE, APOSTROPHE, SLASH, LESS, GREATER] = [0x22, 0x27, 0x2f, 0x3c, 0x3e] as const;
const [EXCLAMATION, QUESTION] = [0x21, 0x3f] as const;
const DECLARATION = encodeUtf8('<?xml version="1.0" encoding="UTF-8"?>');
const BYTE_ORDER_MARK = encodeUtf8("\ufeff");
/** Copies a document, less what a listener takes out of it. */
export class XmlScanner {
  readonly #listener: XmlListener;
  /** The last byte is for a sentinel. */
  readonly #window = new Uint8Array(LIMITS.xmlWindowBytes + 1);
  /** Bytes of the window that are in use. */
  #end = 0;
  readonly #names = new XmlNames();
  readonly #open: XmlName[] = [];
  #hasBegun = false;
  #hasRoot = false;
  /** What goes on, of the window: copied once it is interrupted. */
  #runFrom = 0;
  #runTo = 0;
  readonly #output = new ByteBuffer(LIMITS.xmlWindowBytes);
  /** The run ends in an empty element's tag, before its `/>`. */
  #isRunInTag = false;

  /** Without `declares` what comes out is a part of another document. */
  constructor(listener: XmlListener, { declares = true }: { declares?: boolean } = {}) {
    this.#listener = listener;
    if (declares) this.#output.append(DECLARATION);
  }

  /**
   * Takes the next bytes of the document; answers with what goes on, which lasts until the next call.
   * @throws {S3Error} `BadGateway` for what is no document, and for markup beyond {@linkcode LIMITS.xmlMarkupBytesMax}.
   */
  push(piece: Uint8Array): Bytes {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(piece.length - at, LIMITS.xmlWindowBytes - this.#end);
      this.#window.set(piece.subarray(at, at + taken), this.#end);
      at += taken;
      this.#end += taken;
      this.#scan();
    }
    return this.#output.take();
  }

  /** Ends the document, and gives its memory back: what has gone on is gone. @throws {S3Error} `BadGateway` where it is not whole. */
  finish(): void {
    if (!this.#hasRoot || this.#open.length > 0 || this.#end > 0) throw malformed("it breaks off");
    this.#window.buffer.transfer(0);
    this.#output.free();
  }

  /** Has `bytes` go on: before what the listener is being told of. */
  insert(bytes: Bytes): void {
    this.#flushRun();
    if (this.#isRunInTag) this.#output.append(GREATER_SIGN);
    this.#isRunInTag = false;
    this.#output.append(bytes);
  }

  #scan(): void {
    const window = this.#window;
    let at = 0;
    if (!this.#hasBegun) {
      if (this.#end < BYTE_ORDER_MARK.length) return;
      this.#hasBegun = true;
      if (startsWith(window, { at, text: BYTE_ORDER_MARK })) at = BYTE_ORDER_MARK.length;
    }
    // A search that is not bounded would find what an earlier window has left.
    window[this.#end] = LESS;
    while (at < this.#end) {
      const next = window[at] === LESS ? this.#readMarkup(at) : this.#readText(at);
      if (next === undefined) break;
      at = next;
    }
    this.#flushRun();
    if (this.#end - at > LIMITS.xmlMarkupBytesMax) throw malformed("its markup has no end");
    window.copyWithin(0, at, this.#end);
    this.#end -= at;
  }

  #readText(at: number): number {
    const to = this.#window.indexOf(LESS, at);
    if (this.#open.length > 0) {
      if (this.#listener.text(this.#window.subarray(at, to))) this.#keep(at, to);
    } else {
      for (let index = at; index < to; index++) {
        if (!isSpace(this.#window[index])) throw malformed("there is text beside its root");
      }
    }
    return to;
  }

  /** Reads the tag, or what else begins here; `undefined` where the window does not hold all of it. */
  #readMarkup(at: number): number | undefined {
    const second = at + 1 < this.#end ? this.#window[at + 1] : undefined;
    if (second === undefined) return undefined;
    if (second === SLASH) return this.#readEndTag(at);
    if (second === EXCLAMATION || second === QUESTION) return this.#readAside(at);
    return this.#readStartTag(at);
  }

  #readStartTag(at: number): number | undefined {
    const window = this.#window;
    let index = at + 1;
    let hash = 0;
    for (; index < this.#end; index++) {
      const byte = window[index] ?? 0;
      if (byte === GREATER || byte === SLASH || isSpace(byte)) break;
      hash = hash * 31 + byte | 0;
    }
    const nameEnd = index;
    let quote: number | undefined;
    for (; index < this.#end; index++) {
      const byte = window[index];
      if (byte === quote) quote = undefined;
      else if (quote === undefined) {
        if (byte === GREATER) break;
        if (byte === QUOTE || byte === APOSTROPHE) quote = byte;
      }
      if (byte === LESS) throw malformed("a tag is in a tag");
    }
    if (index >= this.#end) return undefined;
    const name = this.#names.find(window.subarray(at + 1, nameEnd), hash);
    const isRoot = this.#open.length === 0;
    if (isRoot && this.#hasRoot) throw malformed("it has two roots");
    this.#hasRoot = true;
    this.#open.push(name);
    if (this.#open.length > LIMITS.xmlDepthMax) throw malformed("it is too deep");
    const to = index + 1;
    const isEmpty = window[index - 1] === SLASH;
    const goesOn = this.#listener.open(name.local);
    if (goesOn) this.#keep(at, isEmpty ? to - 2 : to);
    if (isEmpty) this.#closeEmpty(name, { to, hasOpened: goesOn });
    return to;
  }

  /** `<a/>` becomes `<a></a>` where a listener puts something in it. */
  #closeEmpty(name: XmlName, { to, hasOpened }: { to: number; hasOpened: boolean }): void {
    this.#isRunInTag = hasOpened;
    const closes = this.#listener.close(name.local);
    if (this.#isRunInTag && closes) this.#keep(to - 2, to);
    else this.insert(closes ? concatBytes([END_TAG_START, name.bytes, GREATER_SIGN]) : NOTHING);
    this.#isRunInTag = false;
    this.#open.pop();
  }

  #readEndTag(at: number): number | undefined {
    const window = this.#window;
    const name = this.#open.at(-1);
    if (name === undefined) throw malformed("a tag is closed that was not opened");
    let index = at + 2;
    const { bytes } = name;
    for (let letter = 0; letter < bytes.length; letter++, index++) {
      if (index >= this.#end) return undefined;
      if (window[index] !== bytes[letter]) throw malformed("tags are not closed in order");
    }
    while (index < this.#end && isSpace(window[index])) index++;
    if (index >= this.#end) return undefined;
    if (window[index] !== GREATER) throw malformed("tags are not closed in order");
    const to = index + 1;
    if (this.#listener.close(name.local)) this.#keep(at, to);
    this.#open.pop();
    return to;
  }

  /** Comments and instructions are left out; a CDATA section is text. */
  #readAside(at: number): number | undefined {
    const aside = findAside(this.#window.subarray(at, this.#end));
    if (aside === undefined) return undefined;
    if (aside.text !== undefined) {
      if (this.#open.length === 0) throw malformed("there is text beside its root");
      if (this.#listener.text(aside.text)) this.insert(aside.text);
    }
    return at + aside.length;
  }

  #keep(from: number, to: number): void {
    if (from !== this.#runTo) {
      this.#flushRun();
      this.#runFrom = from;
    }
    this.#runTo = to;
  }

  #flushRun(): void {
    if (this.#runTo > this.#runFrom) {
      this.#output.append(this.#window.subarray(this.#runFrom, this.#runTo));
    }
    this.#runFrom = this.#runTo = -1;
  }
}

const NOTHING = encodeUtf8("");
const GREATER_SIGN = encodeUtf8(">");
const END_TAG_START = encodeUtf8("</");

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
