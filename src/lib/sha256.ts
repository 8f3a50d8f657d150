/**
 * SHA-256 of short texts, on the spot: 2 µs for 300 bytes. `node:crypto` is as fast, and leaves a native object to
 * collect each time; Web Crypto's promise takes 19 µs (ARCHITECTURE.md, "Crypto").
 * @module
 */

import { createSHA256 } from "hash-wasm";

/** One for all: nothing waits between its first byte and its digest. */
const sha256 = await createSHA256();

/** SHA-256 of the UTF-8 of `data`, as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return sha256.init().update(data).digest("hex");
}
