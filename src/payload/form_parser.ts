/**
 * `multipart/form-data`: a pure machine from bytes to events, which takes what browsers and HTTP libraries send and
 * nothing else: no preamble, no folded headers, no bytes behind the end but one CRLF.
 * See {@link https://www.rfc-editor.org/rfc/rfc7578} and {@link https://www.rfc-editor.org/rfc/rfc2046#section-5.1}.
 * @module
 */

import { decodeUtf8, encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";

/** What a form consists of: any number of parts, each with its data, then the end. */
export type FormEvent =
  /** A part begins. `dataAt`: where in the bytes that were pushed its data begins. */
  | { readonly kind: "part"; readonly head: FormPartHead; readonly dataAt: number }
  /** Some of its data: a view of the bytes that were pushed, or of bytes that must not be written to. */
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "part_end" }
  | { readonly kind: "end" };

/** What a part says about itself. */
export interface FormPartHead {
  readonly name: string;
  /** As it was sent; empty for none. */
  readonly filename: string;
}

const CR = 0x0d;
const CRLF = [0x0d, 0x0a];
const DASHES = [0x2d, 0x2d];
// RFC 2046 §5.1.1, without a space, which nobody uses.
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=?]{1,70}$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s;
const PARAMETER = /;[ \t]*([A-Za-z-]+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/sy;

/** The boundary that a `Content-Type` names; `undefined` for any other type, and for one that cannot be. */
export function parseFormBoundary(contentType: string): string | undefined {
  const boundary = parseParameters(contentType, /^multipart\/form-data[ \t]*/i)?.get("boundary");
  return boundary !== undefined && BOUNDARY.test(boundary) ? boundary : undefined;
}

/** Parses one form. After it has thrown, it is of no further use. */
export class FormParser {
  /** CRLF and the boundary: one CR, at the beginning, so that a match that fails can only begin again later. */
  readonly #delimiter: Uint8Array;
  #state: "data" | "delimiter_end" | "head" | "epilogue" = "data";
  /** Bytes of the delimiter that the bytes pushed before ended in; the first one may do without its CRLF. */
  #matched = CRLF.length;
  #isPreamble = true;
  /** What has come of a part's head, or of what follows a delimiter. */
  readonly #held = new Uint8Array(LIMITS.formPartHeadBytesMax);
  #heldBytes = 0;

  constructor(boundary: string) {
    this.#delimiter = encodeUtf8(`\r\n--${boundary}`);
  }

  /**
   * Takes the next bytes. The events must be consumed to the end before more is pushed, unless the rest of the bytes,
   * from a part's `dataAt` on, is to be pushed again.
   * @throws {S3Error} `MalformedPOSTRequest`; `MaxPostPreDataLengthExceededError` for a part's head of over
   *   {@linkcode LIMITS.formPartHeadBytesMax}.
   */
  *push(bytes: Uint8Array): Generator<FormEvent, void> {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#state) {
        case "data":
          at = yield* this.#pushData(bytes, at);
          break;
        case "delimiter_end":
          this.#hold(bytes[at++]);
          if (this.#heldBytes === CRLF.length) {
            if (this.#takeDelimiterEnd()) yield { kind: "end" };
          }
          break;
        case "head": {
          this.#hold(bytes[at++]);
          const head = this.#takeHead();
          if (head !== undefined) yield { kind: "part", head, dataAt: at };
          break;
        }
        case "epilogue":
          this.#hold(bytes[at++]);
          if (
            this.#heldBytes > CRLF.length ||
            this.#held[this.#heldBytes - 1] !== CRLF[this.#heldBytes - 1]
          ) {
            throw malformed("Bytes after the end");
          }
      }
    }
  }

  /** @throws {S3Error} `MalformedPOSTRequest` unless the form is whole. */
  end(): void {
    if (this.#state !== "epilogue" || this.#heldBytes === 1) {
      throw malformed(`Ends in "${this.#state}"`);
    }
  }

  *#pushData(bytes: Uint8Array, from: number): Generator<FormEvent, number> {
    const delimiter = this.#delimiter;
    let at = from;
    if (this.#matched > 0) {
      const before = this.#matched;
      at = this.#match(bytes, from);
      if (this.#state !== "data") {
        if (!this.#endPreamble()) yield { kind: "part_end" };
        return at;
      }
      if (this.#matched > 0) return at;
      const missed = before + at - from;
      yield this.#data(delimiter.subarray(0, missed));
    }
    const dataFrom = at;
    for (;;) {
      const found = bytes.indexOf(CR, at);
      if (found < 0) {
        yield this.#data(bytes.subarray(dataFrom));
        return bytes.length;
      }
      at = this.#match(bytes, found);
      if (this.#state === "data" && this.#matched === 0) continue;
      if (found > dataFrom) yield this.#data(bytes.subarray(dataFrom, found));
      if (this.#state !== "data" && !this.#endPreamble()) yield { kind: "part_end" };
      return at;
    }
  }

  /** Goes on matching the delimiter from `at`; answers where it stopped. */
  #match(bytes: Uint8Array, at: number): number {
    const delimiter = this.#delimiter;
    while (at < bytes.length && bytes[at] === delimiter[this.#matched]) {
      at++;
      if (++this.#matched === delimiter.length) {
        this.#matched = 0;
        this.#state = "delimiter_end";
        return at;
      }
    }
    if (at < bytes.length) this.#matched = 0;
    return at;
  }

  #data(data: Uint8Array): FormEvent {
    if (this.#isPreamble) throw malformed("Does not begin with its boundary");
    return { kind: "data", data };
  }

  /** Whether the delimiter was the first one, which ends no part. */
  #endPreamble(): boolean {
    const wasPreamble = this.#isPreamble;
    this.#isPreamble = false;
    return wasPreamble;
  }

  #hold(byte: number | undefined): void {
    if (this.#heldBytes === this.#held.length) {
      throw new S3Error("MaxPostPreDataLengthExceededError");
    }
    this.#held[this.#heldBytes++] = byte ?? 0;
  }

  /** Whether the form has ended. */
  #takeDelimiterEnd(): boolean {
    this.#heldBytes = 0;
    const [first, second] = this.#held;
    const isEnd = first === DASHES[0] && second === DASHES[1];
    if (!isEnd && (first !== CRLF[0] || second !== CRLF[1])) {
      throw malformed("Neither the end nor another part behind a boundary");
    }
    this.#state = isEnd ? "epilogue" : "head";
    return isEnd;
  }

  #takeHead(): FormPartHead | undefined {
    const held = this.#held.subarray(0, this.#heldBytes);
    if (
      held.at(-1) !== CRLF[1] || held.at(-2) !== CRLF[0] || held.at(-3) !== CRLF[1] ||
      held.at(-4) !== CRLF[0]
    ) {
      return undefined;
    }
    const text = decodeUtf8(held.subarray(0, -4));
    if (text === undefined) throw malformed("A part's head is not UTF-8");
    this.#heldBytes = 0;
    this.#state = "data";
    return parseHead(text);
  }
}

/** Of a part's headers only the disposition counts: as S3, it does not look at an encoding, nor at a type. */
function parseHead(text: string): FormPartHead {
  const dispositions: string[] = [];
  for (const line of text.split("\r\n")) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined || /[\r\n\0]/.test(value)) {
      throw malformed("A part's header");
    }
    if (name.toLowerCase() === "content-disposition") dispositions.push(value);
  }
  const [disposition = "", ...others] = dispositions;
  const parameters = parseParameters(disposition, /^form-data[ \t]*/i);
  const name = parameters?.get("name");
  // Backslashes are quotes to some clients and themselves to others: a name with one could be read in two ways.
  if (others.length > 0 || name === undefined || name.includes("\\")) {
    throw malformed("Content-Disposition");
  }
  return { name, filename: parameters?.get("filename") ?? "" };
}

/** The parameters behind `type`, each once, names in lower case; `undefined` for what is no such value. */
function parseParameters(value: string, type: RegExp): ReadonlyMap<string, string> | undefined {
  const [found] = type.exec(value) ?? [];
  if (found === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (let at = found.length; at < value.length; at = PARAMETER.lastIndex) {
    PARAMETER.lastIndex = at;
    const [, name, quoted, bare] = PARAMETER.exec(value) ?? [];
    if (name === undefined || parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted ?? bare ?? "");
  }
  return parameters;
}

/** S3's answer to any form that it cannot follow; `problem` is for the log. */
export function malformed(problem: string): S3Error {
  return new S3Error("MalformedPOSTRequest", {
    cause: new Error(`Cannot parse the form: ${problem}`),
    reason: "malformed_form",
  });
}
