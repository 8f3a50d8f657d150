/**
 * SHA-256 of short texts, on the spot and without garbage.
 * See {@link https://doi.org/10.6028/NIST.FIPS.180-4} (§5.1.1, §5.3.3, §6.2).
 *
 * Written out here because between two requests everything is cold, and each step out of JavaScript costs many times what it
 * costs in a loop: the two HMACs and two digests of a small request took 20 to 35 µs of it by WebAssembly or `node:crypto`, and
 * take 5 (ARCHITECTURE.md, "Crypto"). Bodies are `node:crypto`'s.
 * @module
 */

import { createHash, hash } from "node:crypto";
import { assert } from "./assert.ts";
import { countUtf8 } from "./bytes.ts";

/** Bytes of one block. */
export const BLOCK_BYTES = 64;
const BLOCK_WORDS = 16;
const LENGTH_BYTES = 8;
/** The bit 1 that every message is padded with. */
const END_OF_MESSAGE = 0x80;

/** The hash's eight words. */
export type Sha256Words = Int32Array<ArrayBuffer>;

// deno-fmt-ignore
const ROUND_CONSTANTS = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);
// deno-fmt-ignore
const INITIAL: Sha256Words = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

/**
 * From here on a step out of JavaScript costs less than it saves; it takes a text as UTF-8, which ASCII is, too: any other has more
 * bytes than characters, and counting them takes a third of what an expression takes.
 */
const NATIVE_CHARACTERS = 384;
/** The same for a text of all bytes, which costs more steps. */
const LONG_CHARACTERS = 16_384;
// deno-lint-ignore no-control-regex -- every byte
const LATIN1 = /^[\x00-\xff]*$/;

/** The message schedule, whose first 16 words are the block; one for all: nothing waits in the middle of a digest. */
const schedule = new Int32Array(ROUND_CONSTANTS.length);
/** The hash of {@linkcode sha256Hex}; one for all, too. */
const digest = createWords();
const DIGITS = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
/** Of a digest. */
export const HEX_DIGITS = 64;
/** What {@linkcode wordsToHex} writes. */
const hex = Array.from({ length: HEX_DIGITS }, () => 0);

/** SHA-256 of `data`, as 64 lower-case hexadecimal digits; of a text, its characters are the bytes (latin1). */
export function sha256Hex(data: string | Uint8Array): string {
  if (typeof data !== "string") return createHash("sha256").update(data).digest("hex");
  if (data.length >= NATIVE_CHARACTERS && countUtf8(data) === data.length) {
    return hash("sha256", data);
  }
  if (data.length >= LONG_CHARACTERS) {
    assert(LATIN1.test(data), "The characters of a text that is hashed are bytes");
    return createHash("sha256").update(data, "latin1").digest("hex");
  }
  setWords(digest, INITIAL);
  updateText(digest, { text: data, bytesBefore: 0 });
  return wordsToHex(digest);
}

/** The hash of no block yet, in memory of its own: making it costs as much as mixing a block in. */
export function createWords(): Sha256Words {
  return Int32Array.from(INITIAL);
}

/** Makes `words` the hash that `others` are, to go on from; the array's own `set` is a step out of JavaScript. */
export function setWords(words: Sha256Words, others: Sha256Words): void {
  for (let at = 0; at < INITIAL.length; at++) words[at] = wordAt(others, at);
}

/** The hash after a first block. */
export function wordsAfterBlock(block: Uint8Array): Sha256Words {
  assert(block.length === BLOCK_BYTES, "A block has 64 bytes");
  const words = createWords();
  clearBlock();
  block.forEach((byte, place) => addByte(place, byte));
  compress(words);
  return words;
}

/** Takes in all of `text`, the last of a message of which `bytesBefore`, whole blocks, are in `words` already. */
export function updateText(
  words: Sha256Words,
  { text, bytesBefore }: { text: string; bytesBefore: number },
): void {
  const { length } = text;
  let seen = 0;
  let at = 0;
  while (at + BLOCK_BYTES <= length) {
    for (let place = 0; place < BLOCK_WORDS; place++, at += 4) {
      const first = text.charCodeAt(at);
      const second = text.charCodeAt(at + 1);
      const third = text.charCodeAt(at + 2);
      const fourth = text.charCodeAt(at + 3);
      seen |= first | second | third | fourth;
      schedule[place] = first << 24 | second << 16 | third << 8 | fourth;
    }
    compress(words);
  }
  clearBlock();
  let place = 0;
  for (; at < length; at++, place++) {
    const code = text.charCodeAt(at);
    seen |= code;
    addByte(place, code);
  }
  assert(seen < 0x100, "The characters of a text that is hashed are bytes");
  addByte(place, END_OF_MESSAGE);
  if (place >= BLOCK_BYTES - LENGTH_BYTES) {
    compress(words);
    clearBlock();
  }
  schedule[BLOCK_WORDS - 1] = 8 * (bytesBefore + length);
  compress(words);
}

/** The same for a message that ends in the digest `last`. */
export function updateWords(
  words: Sha256Words,
  { last, bytesBefore }: { last: Sha256Words; bytesBefore: number },
): void {
  clearBlock();
  for (let at = 0; at < last.length; at++) schedule[at] = wordAt(last, at);
  schedule[last.length] = END_OF_MESSAGE << 24;
  schedule[BLOCK_WORDS - 1] = 8 * (bytesBefore + last.byteLength);
  compress(words);
}

/** The digest that `words` are, once the last of a message is in them. */
export function wordsToBytes(words: Sha256Words): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(words.byteLength);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = wordAt(words, at >> 2) >>> (24 - 8 * (at & 3));
  }
  return bytes;
}

/** The same as lower-case hexadecimal: one text, made at once, where adding 32 up leaves as many pieces. */
export function wordsToHex(words: Sha256Words): string {
  for (let at = 0; at < HEX_DIGITS; at++) hex[at] = hexDigitAt(words, at);
  return String.fromCharCode(...hex);
}

/** The character code of one of the {@linkcode HEX_DIGITS} of it. */
export function hexDigitAt(words: Sha256Words, at: number): number {
  return DIGITS[wordAt(words, at >> 3) >>> (28 - 4 * (at & 7)) & 15] ?? 0;
}

function addByte(place: number, byte: number): void {
  schedule[place >> 2] = wordAt(schedule, place >> 2) | byte << (24 - 8 * (place & 3));
}

function clearBlock(): void {
  for (let place = 0; place < BLOCK_WORDS; place++) schedule[place] = 0;
}

/** INVARIANT: `at` is within `words`. */
function wordAt(words: Int32Array, at: number): number {
  return words[at] ?? 0;
}

/** FIPS 180-4, §6.2.2: mixes the block in {@linkcode schedule} into `words`. */
function compress(words: Sha256Words): void {
  for (let at = BLOCK_WORDS; at < schedule.length; at++) {
    const early = wordAt(schedule, at - 15);
    const late = wordAt(schedule, at - 2);
    const mixed = (early >>> 7 | early << 25) ^ (early >>> 18 | early << 14) ^ early >>> 3;
    schedule[at] = (mixed + wordAt(schedule, at - 16) | 0) + (wordAt(schedule, at - 7) +
        ((late >>> 17 | late << 15) ^ (late >>> 19 | late << 13) ^ late >>> 10) | 0);
  }
  let a = wordAt(words, 0);
  let b = wordAt(words, 1);
  let c = wordAt(words, 2);
  let d = wordAt(words, 3);
  let e = wordAt(words, 4);
  let f = wordAt(words, 5);
  let g = wordAt(words, 6);
  let h = wordAt(words, 7);
  // Eight rounds at once, each with the variables' names moved on by one: no value is copied from one to the next.
  // Each sum is cut to 32 bits: V8 adds longer ones as wider numbers.
  for (let at = 0; at < schedule.length; at += 8) {
    h = (h + bigSigma1(e) | 0) + ((g ^ e & (f ^ g)) + constantAndWord(at) | 0) | 0;
    d = d + h | 0;
    h = h + (bigSigma0(a) + (a & b | c & (a | b)) | 0) | 0;
    g = (g + bigSigma1(d) | 0) + ((f ^ d & (e ^ f)) + constantAndWord(at + 1) | 0) | 0;
    c = c + g | 0;
    g = g + (bigSigma0(h) + (h & a | b & (h | a)) | 0) | 0;
    f = (f + bigSigma1(c) | 0) + ((e ^ c & (d ^ e)) + constantAndWord(at + 2) | 0) | 0;
    b = b + f | 0;
    f = f + (bigSigma0(g) + (g & h | a & (g | h)) | 0) | 0;
    e = (e + bigSigma1(b) | 0) + ((d ^ b & (c ^ d)) + constantAndWord(at + 3) | 0) | 0;
    a = a + e | 0;
    e = e + (bigSigma0(f) + (f & g | h & (f | g)) | 0) | 0;
    d = (d + bigSigma1(a) | 0) + ((c ^ a & (b ^ c)) + constantAndWord(at + 4) | 0) | 0;
    h = h + d | 0;
    d = d + (bigSigma0(e) + (e & f | g & (e | f)) | 0) | 0;
    c = (c + bigSigma1(h) | 0) + ((b ^ h & (a ^ b)) + constantAndWord(at + 5) | 0) | 0;
    g = g + c | 0;
    c = c + (bigSigma0(d) + (d & e | f & (d | e)) | 0) | 0;
    b = (b + bigSigma1(g) | 0) + ((a ^ g & (h ^ a)) + constantAndWord(at + 6) | 0) | 0;
    f = f + b | 0;
    b = b + (bigSigma0(c) + (c & d | e & (c | d)) | 0) | 0;
    a = (a + bigSigma1(f) | 0) + ((h ^ f & (g ^ h)) + constantAndWord(at + 7) | 0) | 0;
    e = e + a | 0;
    a = a + (bigSigma0(b) + (b & c | d & (b | c)) | 0) | 0;
  }
  words[0] = wordAt(words, 0) + a;
  words[1] = wordAt(words, 1) + b;
  words[2] = wordAt(words, 2) + c;
  words[3] = wordAt(words, 3) + d;
  words[4] = wordAt(words, 4) + e;
  words[5] = wordAt(words, 5) + f;
  words[6] = wordAt(words, 6) + g;
  words[7] = wordAt(words, 7) + h;
}

// FIPS 180-4, §4.1.2. INVARIANT: V8 puts each where it is called; as calls they would cost more than what they do.

function bigSigma0(x: number): number {
  return (x >>> 2 | x << 30) ^ (x >>> 13 | x << 19) ^ (x >>> 22 | x << 10);
}

function bigSigma1(x: number): number {
  return (x >>> 6 | x << 26) ^ (x >>> 11 | x << 21) ^ (x >>> 25 | x << 7);
}

function constantAndWord(at: number): number {
  return wordAt(ROUND_CONSTANTS, at) + wordAt(schedule, at) | 0;
}
