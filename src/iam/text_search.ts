/**
 * Looking for a text in another, in time that grows with both and not with their product. `indexOf` takes seconds to find
 * that thousands of equal characters with another one in their middle are not in more of the same, and with policy
 * variables a request brings both texts.
 * See {@link https://doi.org/10.1137/0206024} (Knuth, Morris and Pratt).
 * @module
 */

/** Up to this, the runtime's own search costs less than any other, whatever the texts. */
const SHORT_CHARACTERS_MAX = 32;

/** Where `wanted` first begins in `text` at or behind `start`, else -1. */
export function findText(
  text: string,
  { wanted, start }: { wanted: string; start: number },
): number {
  if (wanted.length <= SHORT_CHARACTERS_MAX) return text.indexOf(wanted, start);
  for (const position of findAll(text, { wanted, start })) return position;
  return -1;
}

/** Everywhere that `wanted`, which is not empty, begins in `text` at or behind `start`; they may overlap. */
export function* findAll(
  text: string,
  { wanted, start }: { wanted: string; start: number },
): Generator<number, void> {
  const borders = measureBorders(wanted);
  let matched = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (wanted.charCodeAt(matched) === code) matched++;
    if (matched < wanted.length) continue;
    yield at + 1 - matched;
    matched = borders[matched - 1] ?? 0;
  }
}

/** For each beginning of `text`, the length of the longest shorter one that it ends in. */
function measureBorders(text: string): Uint32Array {
  const borders = new Uint32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (length > 0 && text.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
    if (text.charCodeAt(length) === code) length++;
    borders[at] = length;
  }
  return borders;
}
