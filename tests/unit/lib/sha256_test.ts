import assert from "node:assert/strict";
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
