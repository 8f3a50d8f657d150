import assert from "node:assert/strict";
import { ByteBuffer } from "../../../src/lib/byte_buffer.ts";
import { decodeUtf8, encodeUtf8 } from "../../../src/lib/bytes.ts";

Deno.test("ByteBuffer holds what is put together, one past what it was made for too", () => {
  const buffer = new ByteBuffer(4);
  for (const text of ["ab", "cd", "", "efghijklmnop"]) buffer.append(encodeUtf8(text));
  assert.equal(buffer.length, 16);
  assert.equal(decodeUtf8(buffer.take()), "abcdefghijklmnop");
  assert.equal(buffer.length, 0);
});

Deno.test("ByteBuffer.take() lasts until the next append()", () => {
  const buffer = new ByteBuffer(4);
  buffer.append(encodeUtf8("old"));
  const taken = buffer.take();
  assert.equal(decodeUtf8(taken), "old");
  buffer.append(encodeUtf8("new"));
  assert.equal(decodeUtf8(taken), "new");
  assert.equal(decodeUtf8(buffer.take()), "new");
});

Deno.test("ByteBuffer.free() gives all of its memory back, and more can come", () => {
  const buffer = new ByteBuffer(4);
  buffer.append(encodeUtf8("abcdefgh"));
  const taken = buffer.take();
  buffer.append(encodeUtf8("ij"));
  buffer.free();
  assert.equal(taken.buffer.byteLength, 0);
  assert.equal(buffer.length, 0);
  buffer.append(encodeUtf8("kl"));
  assert.equal(decodeUtf8(buffer.take()), "kl");
});

Deno.test("ByteBuffer.append() leaves no memory behind when it needs more", () => {
  const buffer = new ByteBuffer(4);
  buffer.append(encodeUtf8("abc"));
  const before = buffer.take();
  buffer.append(encodeUtf8("abcdefgh"));
  assert.equal(before.buffer.byteLength, 0);
});
