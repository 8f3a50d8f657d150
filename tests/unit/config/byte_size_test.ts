import assert from "node:assert/strict";
import { parseByteSize } from "../../../src/config/byte_size.ts";

for (
  const text of [
    "",
    "MiB",
    "-1",
    "+1",
    "1.5GiB",
    "1e6",
    "1  MiB",
    "1mib",
    "1Mb",
    "1K",
    "1MiBs",
    "0x10",
    "9007199254740992",
    "8192TiB",
    `${"9".repeat(400)}`,
  ]
) {
  Deno.test(`parseByteSize() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(() => parseByteSize(text), { name: "SyntaxError", message: /^expected bytes/ });
  });
}

const ACCEPTED: readonly (readonly [text: string, bytes: number])[] = [
  ["0", 0],
  ["1048576", 1_048_576],
  ["9007199254740991", 9_007_199_254_740_991],
  ["7B", 7],
  ["64KiB", 65_536],
  ["50MiB", 52_428_800],
  ["50 MiB", 52_428_800],
  ["5GiB", 5_368_709_120],
  ["1TiB", 1_099_511_627_776],
  ["64KB", 64_000],
  ["100MB", 100_000_000],
  ["5GB", 5_000_000_000],
  ["1TB", 1_000_000_000_000],
];

for (const [text, bytes] of ACCEPTED) {
  Deno.test(`parseByteSize() reads "${text}"`, () => {
    assert.equal(parseByteSize(text), bytes);
  });
}
