// @ts-check
/**
 * MD5 (RFC 1321): an S3 part's ETag is one, and tells whether a part of an interrupted upload is of the file that was chosen again. It
 * proves nothing against anybody; browsers have no MD5 of their own.
 * @module
 */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from(
  { length: 64 },
  (_, i) => Math.floor(2 ** 32 * Math.abs(Math.sin(i + 1))),
);
const BLOCK = 64;
/** Bytes between two breaths: about 10 ms. */
const SLICE = 1 << 20;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} 32 hexadecimal digits; the page stays responsive meanwhile
 */
export async function md5Hex(bytes) {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const whole = bytes.length - bytes.length % BLOCK;
  for (let at = 0; at < whole; at += SLICE) {
    addBlocks(state, bytes.subarray(at, Math.min(whole, at + SLICE)));
    await new Promise((resolve) => setTimeout(resolve));
  }
  addBlocks(state, pad(bytes.subarray(whole), bytes.length));
  return [...new Uint8Array(state.buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/**
 * @param {Uint8Array} rest
 * @param {number} length of all
 */
function pad(rest, length) {
  const padded = new Uint8Array(rest.length < 56 ? BLOCK : 2 * BLOCK);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, length * 8 >>> 0, true);
  view.setUint32(padded.length - 4, Math.floor(length / 2 ** 29), true);
  return padded;
}

/**
 * @param {Int32Array} state
 * @param {Uint8Array} bytes whole blocks
 */
function addBlocks(state, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new Int32Array(16);
  for (let at = 0; at < bytes.length; at += BLOCK) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i, true);
    addBlock(state, words);
  }
}

/**
 * @param {Int32Array} state
 * @param {Int32Array} words
 */
function addBlock(state, words) {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed = 0;
    let word = i;
    if (round === 0) mixed = (b & c) | (~b & d);
    else if (round === 1) [mixed, word] = [(d & b) | (~d & c), 5 * i + 1];
    else if (round === 2) [mixed, word] = [b ^ c ^ d, 3 * i + 5];
    else [mixed, word] = [c ^ (b | ~d), 7 * i];
    const sum = (a + mixed + (SINES[i] ?? 0) + (words[word & 15] ?? 0)) | 0;
    const shift = SHIFTS[4 * round + (i & 3)] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
}
