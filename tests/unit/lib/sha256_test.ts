import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256Hex } from "../../../src/lib/sha256.ts";

// FIPS 180-2, appendix B.1, and the digest of nothing.
for (
  const [text, digest] of [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ] as const
) {
  Deno.test(`sha256Hex() of "${text}", as text and as bytes`, () => {
    assert.equal(sha256Hex(text), digest);
    assert.equal(sha256Hex(new TextEncoder().encode(text)), digest);
  });
}

for (
  const length of [
    54,
    55,
    56,
    57,
    63,
    64,
    65,
    119,
    120,
    127,
    128,
    129,
    383,
    384,
    1000,
    16_383,
    16_384,
    20_000,
  ]
) {
  Deno.test(`sha256Hex() of ${length} bytes of every kind agrees with node:crypto`, () => {
    const bytes = Uint8Array.from({ length }, (_, index) => 255 - 7 * index);
    for (const some of [bytes, bytes.map((byte) => byte & 0x7f)]) {
      const expected = createHash("sha256").update(some).digest("hex");
      assert.equal(sha256Hex(String.fromCharCode(...some)), expected);
      assert.equal(sha256Hex(some), expected);
    }
  });
}

Deno.test("sha256Hex() agrees with node:crypto on any text of bytes, one after the other", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const expected = createHash("sha256").update(bytes).digest("hex");
    assert.equal(sha256Hex(String.fromCharCode(...bytes)), expected);
  }));
});

Deno.test("sha256Hex() rejects a text whose characters are not bytes", () => {
  for (
    const text of [
      "€",
      "a".repeat(70) + "€",
      "€" + "a".repeat(70),
      "a".repeat(400) + "€",
      "a".repeat(20_000) + "€",
    ]
  ) {
    assert.throws(() => sha256Hex(text), { name: "AssertionError" });
  }
});
