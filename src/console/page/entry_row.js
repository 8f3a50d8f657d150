// @ts-check
/**
 * A row of a folder's grid, and the row of its column headers.
 * @module
 */

import { element, icon } from "./dom.js";
import { formatBytes, formatTime } from "./format.js";
import { badge } from "./view_parts.js";

/** @typedef {import("./folder_listing.js").Entry} Entry */
/** @typedef {import("./folder_listing.js").Order} Order */

const COLUMNS =
  /** @type {const} */ ([["name", "Name"], ["size", "Size"], ["modified", "Modified"]]);

/**
 * @param {Order} order
 * @param {(order: Order) => void} sort
 */
export function buildGridHeader(order, sort) {
  const headers = COLUMNS.map(([by, text]) => {
    const isSorted = order.by === by;
    const descending = isSorted && !order.descending;
    return element(
      "div",
      {
        role: "columnheader",
        class: `cell ${by}`,
        "aria-sort": isSorted ? (order.descending ? "descending" : "ascending") : "none",
      },
      element(
        "button",
        { type: "button", class: "quiet", onclick: () => sort({ by, descending }) },
        text,
        isSorted && icon("up"),
      ),
    );
  });
  return [
    element(
      "div",
      { role: "columnheader", class: "cell check" },
      element("span", { class: "unseen" }, "Selected"),
    ),
    ...headers,
  ];
}

/**
 * @param {Entry} entry
 * @param {{link: string | undefined, isSelected: boolean, select: () => void, open: () => void}} options
 */
export function buildEntryCells(entry, { link, isSelected, select, open }) {
  const isDeleted = entry.kind === "object" && entry.deleted === true;
  const check = element("input", {
    type: "checkbox",
    tabindex: "-1",
    "aria-label": `Select ${entry.name}`,
    checked: isSelected,
    onclick: (/** @type {Event} */ event) => {
      event.stopPropagation();
      select();
    },
  });
  const name = link === undefined
    ? element(
      "button",
      { type: "button", class: "name-link", tabindex: "-1", onclick: open },
      showName(entry.name),
    )
    : element("a", { href: link, class: "name-link", tabindex: "-1" }, showName(entry.name));
  return [
    element("div", { role: "gridcell", class: "cell check" }, check),
    element(
      "div",
      { role: "gridcell", class: "cell name" },
      icon(chooseIcon(entry)),
      name,
      isDeleted && badge("deleted", "bad"),
    ),
    element(
      "div",
      { role: "gridcell", class: "cell size" },
      entry.kind === "object" && !isDeleted ? formatBytes(entry.size) : "",
    ),
    element(
      "div",
      { role: "gridcell", class: "cell modified" },
      entry.kind === "object" ? formatTime(entry.modified) : "",
    ),
  ];
}

/** @param {Entry} entry */
function chooseIcon({ kind, name }) {
  if (kind === "folder") return "folder";
  return /\.(png|jpe?g|gif|webp|avif|svg|bmp)$/i.test(name) ? "image" : "file";
}

/**
 * A name with its control and direction characters made visible, so that none reads as another.
 *
 * @param {string} name
 */
export function showName(name) {
  return name.replace(
    // deno-lint-ignore no-control-regex -- they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
