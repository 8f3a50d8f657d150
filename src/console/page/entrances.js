// @ts-check
/**
 * What somebody's rights say of a bucket: in words, and where a look at it can begin.
 * @module
 */

/** @typedef {import("./console_api.js").Me} Me */

const ENTRANCES_MAX = 20;

/**
 * The prefixes below which the bucket may be listed; the whole bucket, `""`, where that is allowed or nothing is known.
 *
 * @param {Pick<Me, "rights">} me
 * @param {string} bucket
 * @returns {string[]}
 */
export function listEntrances({ rights = [] }, bucket) {
  const listed = rights.filter((right) =>
    matches(right.buckets, bucket) &&
    right.rights.some((name) => name === "list" || name === "full")
  );
  const prefixes = listed.map(({ keys = "*" }) => keys)
    .filter((keys) => /^[^*?]*\*$/.test(keys))
    .map((keys) => keys.slice(0, -1));
  return prefixes.length === 0 || prefixes.includes("")
    ? [""]
    : [...new Set(prefixes)].slice(0, ENTRANCES_MAX);
}

/**
 * In a word or two; "My access" has the whole.
 *
 * @param {Pick<Me, "rights">} me
 * @param {string} bucket
 */
export function describeRights({ rights = [] }, bucket) {
  const names = new Set(
    rights.filter(({ buckets }) => matches(buckets, bucket)).flatMap((right) => right.rights),
  );
  const plain = [...names].filter((name) => !/[: ]/.test(name));
  return plain.join(", ") + (plain.length < names.size ? " …" : "");
}

/**
 * @param {string} pattern with `*` and `?`
 * @param {string} name
 */
function matches(pattern, name) {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replaceAll(
    "?",
    ".",
  );
  return new RegExp(`^${expression}$`).test(name);
}
