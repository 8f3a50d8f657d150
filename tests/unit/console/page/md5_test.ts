import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { md5Hex } from "../../../../src/console/page/md5.js";

Deno.test("md5Hex() answers RFC 1321's examples", async () => {
  const examples: readonly (readonly [string, string])[] = [
    ["", "d41d8cd98f00b204e9800998ecf8427e"],
    ["abc", "900150983cd24fb0d6963f7d28e17f72"],
    ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
    ["1234567890".repeat(8), "57edf4a22be3c955ac49da2e2107b67a"],
  ];
  for (const [text, digest] of examples) {
    assert.equal(await md5Hex(new TextEncoder().encode(text)), digest, text);
  }
});

Deno.test("md5Hex() agrees with node:crypto around every block and slice", async () => {
  const bytes = Uint8Array.from({ length: (1 << 20) + 65 }, (_, i) => i * 31 % 251);
  const lengths = [...Array(130).keys(), 1 << 20, (1 << 20) + 1, (1 << 20) + 64, (1 << 20) + 65];
  for (const length of lengths) {
    const part = bytes.subarray(0, length);
    assert.equal(await md5Hex(part), createHash("md5").update(part).digest("hex"), `${length}`);
  }
});
