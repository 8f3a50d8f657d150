/**
 * Any character at all.
 * @module
 */

import fc from "fast-check";

const SURROGATES = { first: 0xd800, count: 0x800 } as const;

/**
 * One code point that is no surrogate: the `unit` of `fc.string()`. Its own `"binary"` is the same, and takes seconds
 * to make.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10ffff - SURROGATES.count)
  .map((at) => String.fromCodePoint(at < SURROGATES.first ? at : at + SURROGATES.count));
