/**
 * Bytes to text and back.
 * @module
 */

import { Buffer, isAscii } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal of `bytes`, which are few. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += HEX_PAIRS[bytes[at] ?? 0];
  return text;
}

const DIGITS = encoder.encode("0123456789abcdef");
const BLANK = 0x20;

/** Lower-case hexadecimal of `bytes` with blanks between them, `41 57 53`: one text, where adding pairs up leaves as many pieces. */
export function formatSpacedHex(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  const spaced = new Uint8Array(3 * bytes.length - 1).fill(BLANK);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    spaced[3 * at] = DIGITS[byte >> 4] ?? 0;
    spaced[3 * at + 1] = DIGITS[byte & 15] ?? 0;
  }
  return decodeLatin1(spaced, { start: 0, end: spaced.length });
}

/** UTF-8 of `text`. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The start of `text`: whole characters, in at most `bytesMax` bytes of UTF-8. */
export function cutUtf8(text: string, bytesMax: number): string {
  // No character takes more than three: most texts are short.
  if (3 * text.length <= bytesMax || countUtf8(text) <= bytesMax) return text;
  // A text of one byte a character is as long as that, and no text is longer than its bytes.
  const start = text.slice(0, bytesMax);
  const { read } = encoder.encodeInto(start, new Uint8Array(bytesMax));
  return start.slice(0, read);
}

/** How many bytes of UTF-8 `text` has; what is no character counts as U+FFFD, which {@linkcode encodeUtf8} writes for it. */
export function countUtf8(text: string): number {
  return Buffer.byteLength(text);
}

/** The text of UTF-8 `bytes`, or `undefined` where they are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // Most texts, in a fifth of the time.
  if (isAscii(bytes)) return decodeLatin1(bytes, { start: 0, end: bytes.length });
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** One array of all `parts`, in order. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The text of `bytes` from `start` to before `end`, one character a byte. */
export function decodeLatin1(
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
): string {
  const { buffer, byteOffset, length } = bytes;
  const view = bytes instanceof Buffer ? bytes : Buffer.from(buffer, byteOffset, length);
  return view.toString("latin1", start, end);
}

/**
 * Writes `text`, of which each character is one byte, into `bytes` from `at` on, where it has room; returns where it ends.
 */
export function writeLatin1(
  text: string,
  { bytes, at }: { bytes: Uint8Array; at: number },
): number {
  const room = at === 0 ? bytes : bytes.subarray(at);
  const { read, written } = encoder.encodeInto(text, room);
  // Beyond ASCII, UTF-8 takes two bytes for what is one here.
  if (written === text.length && read === written) return at + written;
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
