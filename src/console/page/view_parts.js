// @ts-check
/**
 * What views are made of: a heading, something that loads, a table, facts.
 * @module
 */

import { element, replace } from "./dom.js";
import { describeFailure } from "./notices.js";

/** @typedef {import("./dom.js").Child} Child */

/**
 * @param {string} title
 * @param {string} intro
 * @param {...Child} actions
 */
export function heading(title, intro, ...actions) {
  return element(
    "div",
    { class: "heading" },
    element(
      "div",
      {},
      element("h1", {}, title),
      intro !== "" && element("p", { class: "muted" }, intro),
    ),
    actions.length > 0 && element("div", { class: "actions" }, ...actions),
  );
}

/**
 * A place that fills when `read` has answered, or says why it has not.
 *
 * @param {() => Promise<Child[]>} read
 * @returns {HTMLElement}
 */
export function loading(read) {
  const place = element(
    "div",
    { class: "loading", "aria-busy": "true" },
    element("p", { class: "muted" }, "Loading…"),
  );
  read().then(
    (children) => replace(place, ...children),
    (error) => {
      if (error instanceof DOMException && error.name === "AbortError") return;
      replace(place, element("p", { role: "alert", class: "problem" }, describeFailure(error)));
    },
  ).finally(() => {
    place.removeAttribute("aria-busy");
    place.className = "";
  });
  return place;
}

/**
 * @param {{caption: string, columns: string[], numeric?: readonly number[], rows: Child[][], empty: string}} parts `numeric`: columns at the right
 */
export function table({ caption, columns, numeric = [], rows, empty }) {
  if (rows.length === 0) return element("p", { class: "empty" }, empty);
  const place = (/** @type {number} */ index) => ({
    class: numeric.includes(index) ? "number" : null,
  });
  return element(
    "div",
    { class: "scroller", tabindex: "0", role: "region", "aria-label": caption },
    element(
      "table",
      {},
      element("caption", { class: "unseen" }, caption),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...columns.map((name, i) =>
            name === "" ? element("td", {}) : element("th", { scope: "col", ...place(i) }, name)
          ),
        ),
      ),
      element(
        "tbody",
        {},
        ...rows.map((cells) =>
          element("tr", {}, ...cells.map((cell, i) => element("td", place(i), cell)))
        ),
      ),
    ),
  );
}

/**
 * Facts by name; those without a value are left out.
 *
 * @param {readonly (readonly [string, Child])[]} pairs
 */
export function facts(pairs) {
  const absent = new Set(/** @type {unknown[]} */ ([undefined, null, false, "", 0]));
  const given = pairs.filter(([, value]) => !absent.has(value));
  return element(
    "dl",
    { class: "facts" },
    ...given.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value))
    ),
  );
}

/**
 * @param {string} text
 * @param {"good" | "bad" | "plain" | "warn"} tone
 */
export function badge(text, tone = "plain") {
  return element("span", { class: `badge ${tone}` }, text);
}

/**
 * @param {string} title
 * @param {...Child} children
 */
export function section(title, ...children) {
  return element("section", { class: "card" }, element("h2", {}, title), ...children);
}
