/**
 * Reads the files of a configuration.
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { LIMITS } from "../limits.ts";

const PIECE_BYTES = 16 * 1024;

/** The text of a file that the configuration names: a secret, a certificate, a key. Throws as {@linkcode readBounded} does. */
export function readNamedFile(path: string): string {
  return readBounded(path, LIMITS.namedFileBytesMax).toString("utf8");
}

/**
 * The bytes of the file at `path`, which may be a pipe. Throws what the file system does, and a `RangeError` for one byte more than
 * `bytesMax`: a device such as /dev/zero has no end.
 */
export function readBounded(path: string, bytesMax: number): Buffer<ArrayBuffer> {
  const file = openSync(path, "r");
  try {
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes <= bytesMax;) {
      const piece = new Uint8Array(PIECE_BYTES);
      const read = readSync(file, piece);
      if (read === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
  throw new RangeError(`it has over ${bytesMax} bytes`);
}
