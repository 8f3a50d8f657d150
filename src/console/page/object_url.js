// @ts-check
/**
 * The URL of a bucket or an object, path-style.
 * @module
 */

/** What a browser cannot ask for: it folds these segments away, however they are written. */
const FOLDED = new Set([".", ".."]);

/** A key that a URL of a browser cannot hold. */
export class UnreachableKeyError extends Error {
  /** @param {string} key */
  constructor(key) {
    super(`No browser can ask for the key "${key}": it folds "." and ".." out of every address`);
    this.name = "UnreachableKeyError";
  }
}

/**
 * @param {{endpoint: string, bucket?: string | undefined, key?: string | undefined, query?: Readonly<Record<string, string>> | undefined}} place
 * @returns {string}
 * @throws {UnreachableKeyError}
 */
export function buildObjectUrl({ endpoint, bucket = "", key = "", query = {} }) {
  if (key.split("/").some((segment) => FOLDED.has(segment))) throw new UnreachableKeyError(key);
  const path = key.split("/").map(encode).join("/");
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return `${endpoint}/${encode(bucket)}${key === "" ? "" : `/${path}`}${search}`;
}

/**
 * As RFC 3986 and Signature Version 4 want it.
 *
 * @param {string} text
 * @returns {string}
 */
function encode(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
