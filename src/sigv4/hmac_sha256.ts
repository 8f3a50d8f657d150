/**
 * HMAC-SHA256 with a key that is used often. See {@link https://www.rfc-editor.org/rfc/rfc2104}.
 * @module
 */

import { createHash } from "node:crypto";
import {
  BLOCK_BYTES,
  createWords,
  HEX_DIGITS,
  hexDigitAt,
  setWords,
  type Sha256Words,
  updateText,
  updateWords,
  wordsAfterBlock,
  wordsToBytes,
  wordsToHex,
} from "../lib/sha256.ts";

/** A key, as the two states of the hash after its first block. */
export class HmacSha256Key {
  readonly #inner: Sha256Words;
  readonly #outer: Sha256Words;

  constructor(key: Uint8Array) {
    const bytes = key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key;
    this.#inner = wordsAfterBlock(padKey(bytes, 0x36));
    this.#outer = wordsAfterBlock(padKey(bytes, 0x5c));
  }

  /** The HMAC of `text`, whose characters are its bytes (latin1): 32 bytes. */
  sign(text: string): Uint8Array<ArrayBuffer> {
    this.#mix(text);
    return wordsToBytes(hmac);
  }

  /** The same as 64 lower-case hexadecimal digits. */
  signHex(text: string): string {
    this.#mix(text);
    return wordsToHex(hmac);
  }

  /**
   * Whether `signature` is {@linkcode signHex} of `text`. Every digit is compared, so that the time says nothing of where
   * the first one differs; `timingSafeEqual` does the same on bytes, which would have to be made first.
   */
  verifyHex(text: string, signature: string): boolean {
    if (signature.length !== HEX_DIGITS) return false;
    this.#mix(text);
    let difference = 0;
    for (let at = 0; at < HEX_DIGITS; at++) {
      difference |= signature.charCodeAt(at) ^ hexDigitAt(hmac, at);
    }
    return difference === 0;
  }

  /** Leaves it in {@linkcode hmac}. */
  #mix(text: string): void {
    setWords(digest, this.#inner);
    updateText(digest, { text, bytesBefore: BLOCK_BYTES });
    setWords(hmac, this.#outer);
    updateWords(hmac, { last: digest, bytesBefore: BLOCK_BYTES });
  }
}

/** One of each for all keys: nothing waits in the middle of an HMAC. */
const digest = createWords();
const hmac = createWords();

/** A block of `key`, padded with zeros, each byte mixed with `pad`. */
function padKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  key.forEach((byte, index) => block[index] = byte ^ pad);
  return block;
}
