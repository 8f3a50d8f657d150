/**
 * Texts of a document that streams by: kept while they are short, and read.
 * @module
 */

import { decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The text of one element at a time, as it was escaped. */
export class TextKeeper {
  readonly #bytes = new Uint8Array(LIMITS.xmlTextBytesMax);
  #length = 0;

  /** Begins another text. */
  clear(): void {
    this.#length = 0;
  }

  /** @throws {S3Error} `BadGateway` beyond {@linkcode LIMITS.xmlTextBytesMax}. */
  add(piece: Bytes): void {
    if (this.#length + piece.length > this.#bytes.length) {
      throw new S3Error("BadGateway", { reason: "response_text_too_long" });
    }
    this.#bytes.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** What was kept, as it was escaped. */
  take(): Bytes {
    return this.#bytes.slice(0, this.#length);
  }

  /** What it says. @throws {S3Error} as {@linkcode unescapeText}. */
  read(): string {
    return unescapeText(this.#bytes.subarray(0, this.#length));
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/**
 * The characters that `escaped` stands for; also those that XML 1.0 cannot hold, which keys may have.
 * @throws {S3Error} `BadGateway` for a reference to nothing.
 */
export function unescapeText(escaped: Bytes): string {
  const text = decodeUtf8(escaped);
  if (text === undefined) throw unreadable();
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(\d{1,8}|x[\dA-Fa-f]{1,8})|([a-z]{2,4}));|&/g, (_, code, name) => {
    const character = code === undefined ? NAMED.get(name) : readCode(code);
    if (character === undefined) throw unreadable();
    return character;
  });
}

function readCode(code: string): string | undefined {
  const value = Number(code.startsWith("x") ? `0${code}` : code);
  const isCharacter = value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
  return isCharacter ? String.fromCodePoint(value) : undefined;
}

function unreadable(): S3Error {
  return new S3Error("BadGateway", { reason: "response_not_xml" });
}
