/**
 * The characters of HTTP/1.1, as tables by byte.
 * @module
 */

/** HTAB, which with SP is a blank. */
export const TAB = 0x09;
/** Ends a line, behind CR only. */
export const LF = 0x0a;
/** Begins the end of a line. */
export const CR = 0x0d;
/** SP. */
export const SPACE = 0x20;
/** Stands behind a field's name. */
export const COLON = 0x3a;

/** RFC 9110 §5.6.2, a token's characters: each byte's lower case, and 0 for what is none. */
export const TOKEN_LOWER: Uint8Array = table((character) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0
);

/** RFC 9110 §5.5, what a field's value, a reason phrase and a quoted string may hold: 1, else 0. */
export const FIELD_VALUE: Uint8Array = table((character) =>
  /[\t\x20-\x7e\x80-\xff]/.test(character) ? 1 : 0
);

/** RFC 9112 §3.2, what a target may hold, which is percent-encoded: visible ASCII. */
export const TARGET: Uint8Array = table((character) => /[!-~]/.test(character) ? 1 : 0);

/** A hexadecimal digit's value, and 255 for what is none. */
export const HEX_VALUE: Uint8Array = table((character) =>
  /[0-9A-Fa-f]/.test(character) ? parseInt(character, 16) : 255
);

function table(valueOf: (character: string) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => valueOf(String.fromCharCode(byte)));
}
