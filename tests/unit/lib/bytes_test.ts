import assert from "node:assert/strict";
import { concatBytes, decodeUtf8, encodeUtf8, fromHex, toHex } from "../../../src/lib/bytes.ts";

for (const text of ["0", "0g", "AB", " 00", "00\n", "é0", "0x00"]) {
  Deno.test(`fromHex() rejects ${JSON.stringify(text)}`, () => {
    assert.equal(fromHex(text), undefined);
  });
}

Deno.test("toHex() writes what fromHex() reads, for every byte", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.deepEqual(fromHex(toHex(bytes)), bytes);
  assert.equal(toHex(bytes.subarray(9, 17)), "090a0b0c0d0e0f10");
  assert.deepEqual(fromHex(""), new Uint8Array());
});

for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
  Deno.test(`decodeUtf8() rejects ${toHex(Uint8Array.from(bytes))}`, () => {
    assert.equal(decodeUtf8(Uint8Array.from(bytes)), undefined);
  });
}

Deno.test("decodeUtf8() keeps a byte order mark", () => {
  assert.equal(decodeUtf8(encodeUtf8("\ufeffé😀")), "\ufeffé😀");
});

Deno.test("concatBytes() joins in order", () => {
  const parts = [Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)];
  assert.deepEqual(concatBytes(parts), Uint8Array.of(1, 2, 3));
  assert.deepEqual(concatBytes([]), new Uint8Array());
});
