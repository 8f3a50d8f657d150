import assert from "node:assert/strict";
import {
  concatBytes,
  countUtf8,
  cutUtf8,
  decodeUtf8,
  encodeUtf8,
  formatSpacedHex,
  toHex,
} from "../../../src/lib/bytes.ts";

Deno.test("toHex() and formatSpacedHex() write two lower-case digits a byte, for every byte", () => {
  assert.equal(toHex(Uint8Array.of(0, 9, 10, 16, 0xaf, 255)), "00090a10afff");
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  assert.equal(toHex(bytes), pairs.join(""));
  assert.equal(formatSpacedHex(bytes), pairs.join(" "));
  assert.equal(formatSpacedHex(new Uint8Array()), "");
});

Deno.test("countUtf8() says how long encodeUtf8()'s array is", () => {
  for (
    const text of [
      "",
      "a\0\x7f",
      "\x80",
      "é",
      "€",
      "😀",
      "\ud800",
      "\udc00a",
      "a".repeat(5000) + "é",
    ]
  ) {
    assert.equal(countUtf8(text), encodeUtf8(text).length);
  }
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

Deno.test("cutUtf8() leaves what fits as it is", () => {
  for (const text of ["", "abc", "gr\u00fcn", "\u20ac", "\u{1f600}", "\ud800", "a\udc00b"]) {
    assert.equal(cutUtf8(text, encodeUtf8(text).length), text);
    assert.equal(cutUtf8(`${text}\u20ac`, encodeUtf8(text).length + 2), text);
  }
});
