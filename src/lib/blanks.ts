/**
 * Blanks around a text.
 * @module
 */

const SPACE = 0x20;
const TAB = 0x09;

/** `text` without the spaces and tabs at its ends, as a header's value is read: RFC 9110 §5.5. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return end - start === text.length ? text : text.slice(start, end);
}

function isBlank(character: number): boolean {
  return character === SPACE || character === TAB;
}
