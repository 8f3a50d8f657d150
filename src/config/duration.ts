/**
 * Durations as Go writes them: `300s`, `1h30m`, `1.5s`, `500ms`, `0`.
 * See {@link https://pkg.go.dev/time#ParseDuration}.
 * @module
 */

import { LIMITS } from "../limits.ts";

const NANOSECONDS: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1e3],
  ["µs", 1e3], // U+00B5
  ["μs", 1e3], // U+03BC
  ["ms", 1e6],
  ["s", 1e9],
  ["m", 60e9],
  ["h", 3600e9],
]);
const DURATION = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
// Its second half is optional so that a number without a unit is not looked through from each of its digits.
const TERM = /([\d.]+)([^\d.]*)/g;
const EXPECTED = 'expected a duration like "300s", "5m", "1h30m" or "500ms"';

/**
 * Milliseconds of `text`, rounded up: no duration but zero is 0. Unlike in Go there is no sign.
 * @throws {SyntaxError} When it is no duration, or longer than {@linkcode LIMITS.durationMsMax}.
 */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  if (!DURATION.test(text)) throw new SyntaxError(EXPECTED);
  let nanoseconds = 0;
  for (const [, amount, unit = ""] of text.matchAll(TERM)) {
    nanoseconds += Number(amount) * (NANOSECONDS.get(unit) ?? NaN);
  }
  // Whole nanoseconds first: 1.1 s must not become 1101 ms for the sake of binary fractions.
  const milliseconds = Math.ceil(Math.round(nanoseconds) / 1e6);
  if (milliseconds > LIMITS.durationMsMax) {
    throw new SyntaxError("is too long, expected at most 24 days (timers count no further)");
  }
  return milliseconds;
}
