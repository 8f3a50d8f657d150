/**
 * The version of a message: RFC 9112 §2.3.
 * @module
 */

import { BrokenRule } from "./refusals.ts";

const PREFIX = Uint8Array.from("HTTP/1.", (character) => character.charCodeAt(0));
const DIGIT_0 = 0x30;

/** Of `HTTP/1.1`. */
export const VERSION_BYTES: number = PREFIX.length + 1;

/** The last digit of the version at `at`, of which all bytes are there. @throws {BrokenRule} `version` for another. */
export function readMinorVersion(bytes: Uint8Array, at: number): 0 | 1 {
  for (let offset = 0; offset < PREFIX.length; offset++) {
    if (bytes[at + offset] !== PREFIX[offset]) throw new BrokenRule("version");
  }
  switch (bytes[at + PREFIX.length]) {
    case DIGIT_0:
      return 0;
    case DIGIT_0 + 1:
      return 1;
    default:
      throw new BrokenRule("version");
  }
}
