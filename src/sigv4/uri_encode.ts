/**
 * SigV4's own percent-encoding.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (UriEncode).
 * @module
 */

import { assert } from "../lib/assert.ts";
import { encodeUtf8 } from "../lib/bytes.ts";

// RFC 3986 §2.3 unreserved, which SigV4 leaves as they are.
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const IS_UNRESERVED = Array.from(
  { length: 256 },
  (_, byte) => byte < 128 && UNRESERVED.test(String.fromCharCode(byte)),
);
const PERCENT = 37;
const ASCII = new TextDecoder();
const UNRESERVED_OR_SLASH = /^[A-Za-z0-9\-._~/]*$/;

/** Characters from which on bytes are encoded one by one: a replacement for each costs ten times that, and more. */
const LONG_CHARACTERS = 256;

/** Encodes every byte but the unreserved ones, with upper-case digits: for query names and values. */
export function uriEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  if (text.length >= LONG_CHARACTERS) return encodeLong(text);
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same, but `/` stays: for paths. */
export function uriEncodePath(path: string): string {
  if (UNRESERVED_OR_SLASH.test(path)) return path;
  return uriEncode(path).replaceAll("%2F", "/");
}

function encodeLong(text: string): string {
  assert(text.isWellFormed(), "What is encoded was decoded from UTF-8");
  const bytes = encodeUtf8(text);
  const encoded = new Uint8Array(3 * bytes.length);
  let length = 0;
  for (const byte of bytes) {
    if (IS_UNRESERVED[byte] === true) {
      encoded[length++] = byte;
    } else {
      encoded[length++] = PERCENT;
      encoded[length++] = hexDigit(byte >> 4);
      encoded[length++] = hexDigit(byte & 15);
    }
  }
  return ASCII.decode(encoded.subarray(0, length));
}

/** 0 to 9, A to F. */
function hexDigit(value: number): number {
  return value < 10 ? 48 + value : 55 + value;
}
