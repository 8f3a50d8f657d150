/**
 * Sizes as people write them: `1048576`, `50MiB`, `100MB`.
 * @module
 */

const BYTES: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);
const SIZE = /^(?<amount>\d+) ?(?<unit>[A-Za-z]*)$/;
const EXPECTED = 'expected bytes as a number, or a size like "64KiB", "50MiB", "5GiB" or "100MB"';

/**
 * Bytes of `text`: `KB`, `MB` … are powers of 1000, `KiB`, `MiB` … powers of 1024.
 * @throws {SyntaxError} When it is no size, or not below 2^53.
 */
export function parseByteSize(text: string): number {
  const { amount, unit } = SIZE.exec(text)?.groups ?? {};
  const bytes = Number(amount) * (BYTES.get(unit ?? "") ?? NaN);
  if (!Number.isSafeInteger(bytes)) throw new SyntaxError(EXPECTED);
  return bytes;
}
