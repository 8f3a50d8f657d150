/**
 * Chunks on their way out: RFC 9112 §7.1. Data are read into the middle of a piece of memory, and the framing is written around them.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { writeLatin1 } from "../lib/bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Room for `10000\r\n` before a chunk, and for its CRLF. */
const SIZE_ROOM = 8;
const CHUNK_END = Uint8Array.of(0x0d, 0x0a);
const LAST_CHUNK = "0\r\n\r\n";

/** Where in `piece` a chunk's data go. */
export function chunkRoom(piece: Bytes): Bytes {
  return piece.subarray(SIZE_ROOM, piece.length - CHUNK_END.length);
}

/** Writes the size before the `bytes` bytes in {@linkcode chunkRoom}, which are not 0, and the CRLF behind them; returns all of it. */
export function frameChunk(piece: Bytes, bytes: number): Bytes {
  assert(bytes > 0, "A chunk of no bytes is the last one");
  const size = `${bytes.toString(16)}\r\n`;
  const start = SIZE_ROOM - size.length;
  writeLatin1(size, { bytes: piece, at: start });
  const end = SIZE_ROOM + bytes;
  piece.set(CHUNK_END, end);
  return piece.subarray(start, end + CHUNK_END.length);
}

/** Writes the end of a body without trailers to the start of `piece`; returns it. */
export function frameLastChunk(piece: Bytes): Bytes {
  return piece.subarray(0, writeLatin1(LAST_CHUNK, { bytes: piece, at: 0 }));
}
