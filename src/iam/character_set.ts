/**
 * Which characters a text has, as 32 bits: each stands for every 32nd of all code units. One text
 * cannot be in another that lacks one of its bits, which is cheaper to see than to search for it.
 * @module
 */

/** A set of characters. It may seem to have characters that it does not have, and never lacks one that it has. */
export type CharacterSet = number;

/** The empty set. */
export const NO_CHARACTERS: CharacterSet = 0;

/** The characters of `text`. */
export function collectCharacters(text: string): CharacterSet {
  let characters = NO_CHARACTERS;
  for (let index = 0; index < text.length; index++) characters |= 1 << text.charCodeAt(index);
  return characters;
}

/** Whether `some` may all be in `characters`: a no is certain. */
export function includesCharacters(characters: CharacterSet, some: CharacterSet): boolean {
  return (some & ~characters) === 0;
}
