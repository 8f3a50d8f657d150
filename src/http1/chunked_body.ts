/**
 * Chunked bodies: RFC 9112 §7.1. Extensions and trailers are read, bounded, and dropped.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { BrokenRule, type RuleName } from "./refusals.ts";
import { COLON, CR, FIELD_VALUE, HEX_VALUE, LF, TOKEN_LOWER } from "./syntax.ts";

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** A size above it has no room for one more digit: 16 times it is 2^53. */
const SIZE_BEFORE_DIGIT_MAX = 2 ** 49 - 1;

/** RFC 9110 §6.5.1: trailers that a program further on could take for fields of the head. */
const FORBIDDEN_TRAILERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

/** What the next byte is part of. */
type State =
  | "size"
  | "extension_name"
  | "extension_value"
  | "extension_token"
  | "extension_quoted"
  | "extension_escaped"
  | "extension_end"
  | "size_lf"
  | "data"
  | "data_cr"
  | "data_lf"
  | "trailer_start"
  | "trailer_name"
  | "trailer_value"
  | "trailer_lf"
  | "last_lf"
  | "end";

/**
 * Takes the framing out of one body. The bytes of a piece are moved to its front, so nothing is made for them; what lies
 * behind the body's end stays where it is. After it has thrown, it is of no further use.
 */
export class ChunkedBody {
  #state: State = "size";
  #digits = 0;
  /** Of the current chunk, the bytes that are still to come. */
  #left = 0;
  /** Whether the part of a line that must not be empty has a character: a size, or a name. */
  #isEmpty = true;
  #extensionBytes = 0;
  #trailerBytes = 0;
  #trailerName = "";
  #consumed = 0;
  /** How many chunks have begun: each costs something, however short it is. */
  count = 0;

  /** Whether the last byte of the body was read. */
  get isEnded(): boolean {
    return this.#state === "end";
  }

  /** How many bytes of the last piece belong to this body; others only follow where it {@linkcode isEnded}. */
  get consumed(): number {
    return this.#consumed;
  }

  /** How many bytes of data certainly follow: the rest of the current chunk. */
  get chunkBytesLeft(): number {
    return this.#state === "data" ? this.#left : 0;
  }

  /**
   * Reads a piece, and returns how many bytes of data its front holds now.
   * @throws {BrokenRule} of the rules on chunks and lines.
   */
  decode(piece: Uint8Array): number {
    let at = 0;
    let length = 0;
    while (at < piece.length && this.#state !== "end") {
      if (this.#state !== "data") {
        this.#readFraming(piece[at++] ?? 0);
        continue;
      }
      const bytes = Math.min(this.#left, piece.length - at);
      if (length !== at) piece.copyWithin(length, at, at + bytes);
      at += bytes;
      length += bytes;
      this.#left -= bytes;
      if (this.#left === 0) this.#state = "data_cr";
    }
    this.#consumed = at;
    return length;
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case "size":
        return this.#readSize(byte);
      case "size_lf":
        this.#expect(byte, { is: LF, rule: "bare_line_end" });
        this.#state = this.#left === 0 ? "trailer_start" : "data";
        this.count++;
        return;
      case "data_cr":
        this.#expect(byte, { is: CR, rule: "chunk_end" });
        this.#state = "data_lf";
        return;
      case "data_lf":
        this.#expect(byte, { is: LF, rule: "chunk_end" });
        this.#state = "size";
        this.#digits = 0;
        return;
      case "trailer_start":
      case "trailer_name":
      case "trailer_value":
      case "trailer_lf":
      case "last_lf":
        return this.#readTrailer(byte);
      default:
        return this.#readExtension(byte);
    }
  }

  #readSize(byte: number): void {
    const digit = HEX_VALUE[byte] ?? 255;
    if (digit < 16) {
      const isTooLarge = this.#left > SIZE_BEFORE_DIGIT_MAX ||
        ++this.#digits > LIMITS.chunkSizeDigitsMax;
      if (isTooLarge) throw new BrokenRule("chunk_size");
      this.#left = 16 * this.#left + digit;
      return;
    }
    if (this.#digits === 0) throw new BrokenRule("chunk_size");
    this.#endSize(byte, "chunk_size");
  }

  /** Behind a size, or one of its extensions: another extension, or the line's end. */
  #endSize(byte: number, otherwise: RuleName): void {
    if (byte === CR) this.#state = "size_lf";
    else if (byte === SEMICOLON) this.#enter("extension_name");
    else throw new BrokenRule(byte === LF ? "bare_line_end" : otherwise);
  }

  /** RFC 9112 §7.1.1: `;name`, `;name=token` and `;name="quoted"`, without blanks, which only bad senders have. */
  #readExtension(byte: number): void {
    if (++this.#extensionBytes > LIMITS.chunkExtensionBytesMax) {
      throw new BrokenRule("chunk_extensions_too_large");
    }
    const isToken = TOKEN_LOWER[byte] !== 0;
    switch (this.#state) {
      case "extension_name":
      case "extension_token":
        if (isToken) {
          this.#isEmpty = false;
          return;
        }
        if (this.#isEmpty) throw new BrokenRule("chunk_extension");
        if (byte === EQUALS && this.#state === "extension_name") this.#enter("extension_value");
        else this.#endSize(byte, "chunk_extension");
        return;
      case "extension_value":
        if (byte !== QUOTE && !isToken) throw new BrokenRule("chunk_extension");
        this.#enter(byte === QUOTE ? "extension_quoted" : "extension_token");
        this.#isEmpty = false;
        return;
      case "extension_quoted":
        if (byte === QUOTE) this.#state = "extension_end";
        else if (byte === BACKSLASH) this.#state = "extension_escaped";
        else this.#expectText(byte, "chunk_extension");
        return;
      case "extension_escaped":
        this.#expectText(byte, "chunk_extension");
        this.#state = "extension_quoted";
        return;
      default:
        return this.#endSize(byte, "chunk_extension");
    }
  }

  /** RFC 9112 §7.1.2: field lines, and an empty one. */
  #readTrailer(byte: number): void {
    if (++this.#trailerBytes > LIMITS.trailerBytesMax) throw new BrokenRule("trailers_too_large");
    const lower = TOKEN_LOWER[byte] ?? 0;
    switch (this.#state) {
      case "trailer_start":
        if (byte === CR) {
          this.#state = "last_lf";
          return;
        }
        if (lower === 0) throw new BrokenRule(byte === LF ? "bare_line_end" : "field_name");
        this.#state = "trailer_name";
        this.#trailerName = String.fromCharCode(lower);
        return;
      case "trailer_name":
        if (byte === COLON) return this.#endTrailerName();
        if (lower === 0) throw new BrokenRule("field_name");
        this.#trailerName += String.fromCharCode(lower);
        return;
      case "trailer_value":
        if (byte === CR) this.#state = "trailer_lf";
        else if (byte === LF) throw new BrokenRule("bare_line_end");
        else this.#expectText(byte, "field_value");
        return;
      case "trailer_lf":
        this.#expect(byte, { is: LF, rule: "bare_line_end" });
        this.#state = "trailer_start";
        return;
      default:
        this.#expect(byte, { is: LF, rule: "bare_line_end" });
        this.#state = "end";
    }
  }

  #endTrailerName(): void {
    if (FORBIDDEN_TRAILERS.has(this.#trailerName)) throw new BrokenRule("trailer_forbidden");
    this.#state = "trailer_value";
  }

  #enter(state: State): void {
    this.#state = state;
    this.#isEmpty = true;
  }

  #expect(byte: number, { is, rule }: { is: number; rule: RuleName }): void {
    if (byte !== is) throw new BrokenRule(rule);
  }

  #expectText(byte: number, rule: RuleName): void {
    if (FIELD_VALUE[byte] !== 1) throw new BrokenRule(rule);
  }
}
