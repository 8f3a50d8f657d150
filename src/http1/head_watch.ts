/**
 * A head that comes in pieces, one byte at a time perhaps: RFC 9112 §2.1 has it end in an empty line, and §2.2 says what a line ends in.
 * @module
 */

import type { Span } from "./field_lines.ts";
import { CR, LF } from "./syntax.ts";

/**
 * Says when such a head should be read from its beginning: once its end is there, or once it has doubled, so that a broken one is
 * refused before its end. Its bytes are so read three times at the most, however they come.
 */
export class HeadWatch {
  #seenBytes = 0;
  #readBytes = 0;

  /** Of the head in `bytes`, which has grown to `end`. */
  isWorthReading(bytes: Uint8Array, { start, end }: Span): boolean {
    const length = end - start;
    const isWorth = length >= 2 * this.#readBytes ||
      hasEmptyLine(bytes, { start: start + this.#seenBytes, end });
    // The end of a line that was seen may be followed by an empty one.
    this.#seenBytes = Math.max(0, length - 2);
    if (isWorth) this.#readBytes = length;
    return isWorth;
  }

  /** The next head is another one. */
  reset(): void {
    this.#seenBytes = 0;
    this.#readBytes = 0;
  }
}

/** A bare LF counts as a line's end, too, so that it is read and refused. */
function hasEmptyLine(bytes: Uint8Array, { start, end }: Span): boolean {
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
    const next = at + 1;
    if (next < end && bytes[next] === LF) return true;
    if (next + 1 < end && bytes[next] === CR && bytes[next + 1] === LF) return true;
  }
  return false;
}
