/**
 * The keys for which a store that folds slashes may take a key: to some, `/a`, `a//b`, `a/` and `a\b` are files of other
 * names. A request is authorized for each of them.
 * @module
 */

const BACKSLASH = /\\/g;
/** A key with none of these is the same key on every store. */
const ODD = /^\/|\/\/|\/$|\\/;

/** The ways in which a store may fold a key; some do several. */
const FOLDS: readonly ((key: string) => string)[] = [
  (key) => key.replace(BACKSLASH, "/"),
  (key) => key.replace(/^\//, ""),
  (key) => key.replace("//", "/"),
];
const TRIM = (key: string): string => key.endsWith("/") ? key.slice(0, -1) : key;

/** Whether a store may take it for another. */
export function isOdd(key: string): boolean {
  return ODD.test(key);
}

/**
 * Every key that a store may take `key` for, itself first. INVARIANT: not {@linkcode mayBeTooMany}.
 * A trailing slash is a folder's to those who fold it, and no folder is read for a key without: so `a` is not `a/`.
 */
export function listKeyReadings(key: string): readonly string[] {
  return ODD.test(key) ? combine(key, [...FOLDS, TRIM]) : [key];
}

/** The same of the prefix of a listing, whose trailing slash every store heeds. */
export function listPrefixReadings(prefix: string): readonly string[] {
  return ODD.test(prefix) ? combine(prefix, FOLDS) : [prefix];
}

function combine(key: string, folds: readonly ((key: string) => string)[]): readonly string[] {
  let readings = new Set([key]);
  for (const fold of folds) readings = readings.union(new Set([...readings].map(fold)));
  readings.delete("");
  return [...readings];
}

/**
 * Whether `key` has more than one empty segment, of which a store may fold this one or that, or nothing else, so that it
 * may be the bucket itself. One behind the last slash does not count.
 */
export function mayBeTooMany(key: string): boolean {
  if (!ODD.test(key)) return false;
  const segments = key.replace(BACKSLASH, "/").split("/").slice(0, -1);
  return segments.filter((segment) => segment === "").length > 1 || foldKey(key) === "";
}

/** `key` with everything folded that any store folds. */
export function foldKey(key: string): string {
  if (!ODD.test(key)) return key;
  return key.split(/[\\/]/).filter((segment) => segment !== "").join("/");
}
