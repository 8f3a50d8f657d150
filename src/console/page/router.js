// @ts-check
/**
 * Where one is in the page: a hash such as `#/browse?bucket=photos&prefix=2024%2F`.
 * @module
 */

/** @typedef {{view: string, query: Readonly<Record<string, string>>}} Route */

/**
 * @param {string} view
 * @param {Readonly<Record<string, string | undefined>>} [query]
 * @returns {string}
 */
export function linkTo(view, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const pairs = given.map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`);
  return `#/${view}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** @returns {Route} */
export function readRoute() {
  const [path = "", search = ""] = location.hash.slice(2).split("?");
  return { view: path, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** @param {string} link */
export function go(link) {
  location.hash = link.slice(1);
}
