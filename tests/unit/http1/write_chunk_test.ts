import assert from "node:assert/strict";
import { chunkRoom, frameChunk, frameLastChunk } from "../../../src/http1/write_chunk.ts";
import { encodeUtf8 } from "../../../src/lib/bytes.ts";

const LARGEST = 256 * 1024;

Deno.test("frameChunk() refuses an empty chunk, which would be the last one", () => {
  assert.throws(() => frameChunk(new Uint8Array(64), 0), /the last one/);
});

Deno.test("frameChunk() frames what stands in chunkRoom(), up to all of the largest piece", () => {
  for (const bytes of [1, 15, 16, 255, 4096, LARGEST]) {
    const piece = new Uint8Array(LARGEST + 64).fill(0x2e);
    const room = chunkRoom(piece);
    assert.ok(room.length >= bytes);
    room.fill(0x61, 0, bytes);
    const expected = `${bytes.toString(16)}\r\n${"a".repeat(bytes)}\r\n`;
    assert.ok(frameChunk(piece, bytes).every((byte, at) => byte === expected.charCodeAt(at)));
    assert.equal(frameChunk(piece, bytes).length, expected.length);
  }
  const full = new Uint8Array(LARGEST);
  assert.equal(frameChunk(full, chunkRoom(full).length).at(-1), 0x0a);
});

Deno.test("frameLastChunk() writes the end of a body", () => {
  assert.deepEqual(frameLastChunk(new Uint8Array(64)), encodeUtf8("0\r\n\r\n"));
});
