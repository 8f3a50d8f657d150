import assert from "node:assert/strict";
import { parseTimestamp } from "../../../src/config/timestamp.ts";

for (
  const text of [
    "",
    "2027",
    "2027-01-31",
    "2027-01-31T00:00:00",
    "2027-01-31 00:00:00Z",
    "2027-02-30T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2027-13-01T00:00:00Z",
    "2027-00-01T00:00:00Z",
    "2027-01-00T00:00:00Z",
    "2027-01-32T00:00:00Z",
    "2027-01-31T24:00:00Z",
    "2027-01-31T00:60:00Z",
    "2027-01-31T00:00:60Z",
    "2027-01-31T00:00:00+25:00",
    "2027-01-31T00:00:00.Z",
    "20270131T000000Z",
    "1800000000",
    "Sun, 31 Jan 2027 00:00:00 GMT",
  ]
) {
  Deno.test(`parseTimestamp() refuses "${text}"`, () => {
    assert.throws(() => parseTimestamp(text), { name: "SyntaxError", message: /^expected a date/ });
  });
}

for (
  const [text, milliseconds] of [
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-02T00:00:00.5Z", 86_400_500],
    ["1970-01-01T01:00:00+01:00", 0],
    ["2028-02-29T00:00:00Z", 1_835_395_200_000],
  ] as const
) {
  Deno.test(`parseTimestamp() reads "${text}"`, () => {
    assert.equal(parseTimestamp(text).getTime(), milliseconds);
  });
}
