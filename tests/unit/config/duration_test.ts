import assert from "node:assert/strict";
import { parseDuration } from "../../../src/config/duration.ts";
import { LIMITS } from "../../../src/limits.ts";

for (
  const text of [
    "",
    " ",
    "300",
    "00",
    "-1s",
    "+1s",
    "1",
    "s",
    ".s",
    "1.2.3s",
    "1 s",
    "1S",
    "1d",
    "1s 1m",
    "1s\n",
    "1e3s",
    "0x1s",
    "Infinity",
    "1h30",
  ]
) {
  Deno.test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDuration(text), { name: "SyntaxError", message: /^expected a dur/ });
  });
}

Deno.test("parseDuration() refuses what no timer can count", () => {
  assert.equal(parseDuration(`${LIMITS.durationMsMax}ms`), LIMITS.durationMsMax);
  for (const text of [`${LIMITS.durationMsMax + 1}ms`, `${"9".repeat(400)}h`]) {
    assert.throws(() => parseDuration(text), { name: "SyntaxError", message: /too long/ });
  }
});

const ACCEPTED: readonly (readonly [text: string, milliseconds: number])[] = [
  ["0", 0],
  ["0s", 0],
  ["300s", 300_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1h0m1s", 3_601_000],
  ["500ms", 500],
  ["1.5s", 1_500],
  ["1.1s", 1_100],
  [".5m", 30_000],
  ["1.s", 1_000],
  ["1ns", 1],
  ["1500us", 2],
  ["1000µs", 1],
  ["1000μs", 1],
];

for (const [text, milliseconds] of ACCEPTED) {
  Deno.test(`parseDuration() reads "${text}"`, () => {
    assert.equal(parseDuration(text), milliseconds);
  });
}
