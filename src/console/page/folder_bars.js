// @ts-check
/**
 * Above a folder's entries: where it is, and what can be done in it; below them: how many there are.
 * @module
 */

import { button, element } from "./dom.js";
import { formatNumber } from "./format.js";
import { linkTo } from "./router.js";

const TYPED_DELAY_MS = 250;

/** @param {{bucket: string, prefix: string}} folder */
export function buildFolderHeading({ bucket, prefix }) {
  const names = prefix.split("/").slice(0, prefix.endsWith("/") ? -1 : undefined);
  const steps = prefix === "" ? [] : names.map((name, i) => ({
    name: name === "" ? "(empty name)" : name,
    link: linkTo("browse", { bucket, prefix: `${names.slice(0, i + 1).join("/")}/` }),
  }));
  const all = [
    { name: "Buckets", link: linkTo("buckets") },
    { name: bucket, link: linkTo("browse", { bucket }) },
    ...steps,
  ];
  const items = all.map(({ name, link }, i) => {
    const current = i === all.length - 1 ? "page" : null;
    return element("li", {}, element("a", { href: link, "aria-current": current }, name));
  });
  return element(
    "div",
    { class: "heading" },
    element(
      "div",
      {},
      element("h1", { class: "unseen" }, `${bucket}/${prefix}`),
      element("nav", { "aria-label": "Folders", class: "crumbs" }, element("ol", {}, ...items)),
    ),
  );
}

/**
 * @typedef {object} FolderActs
 * @property {(text: string) => void} search
 * @property {(folder: boolean) => void} choose
 * @property {() => void} create
 * @property {Node} deleteButton
 */

/** @param {FolderActs} acts */
export function buildFolderToolbar({ search, choose, create, deleteButton }) {
  const input = element("input", {
    type: "search",
    placeholder: "Names that begin with…",
    "aria-label": "Names that begin with",
    spellcheck: "false",
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value), TYPED_DELAY_MS);
  });
  return element(
    "div",
    { class: "toolbar" },
    input,
    element("span", { class: "grow" }),
    deleteButton,
    button({ icon: "plus", text: "New folder" }, create),
    button({ icon: "folder", text: "Upload folder" }, () => choose(true)),
    button({ icon: "upload", text: "Upload files", kind: "primary" }, () => choose(false)),
  );
}

/**
 * Below the entries: how many there are, and whether deleted ones are among them.
 *
 * @param {{status: Node, showDeleted: (isWanted: boolean) => void}} parts
 */
export function buildFolderFoot({ status, showDeleted }) {
  const deleted = element("input", {
    type: "checkbox",
    id: "with-deleted",
    onchange: () => showDeleted(deleted.checked),
  });
  return element(
    "div",
    { class: "foot" },
    status,
    element(
      "div",
      { class: "check-field" },
      deleted,
      element("label", { for: "with-deleted" }, "Show what is deleted"),
    ),
  );
}

/**
 * How many entries there are, in words.
 *
 * @param {{count: number, selected: number, isComplete: boolean, isSearch: boolean}} listing
 */
export function describeEntries({ count, selected, isComplete, isSearch }) {
  if (count === 0 && !isComplete) return "Loading…";
  if (count === 0 && isSearch) return "No name begins so.";
  if (count === 0) return "Nothing is here yet. Drop files or folders to upload them.";
  return [
    `${formatNumber(count)} ${count === 1 ? "entry" : "entries"}`,
    isComplete ? "" : ", more as you scroll",
    selected === 0 ? "" : ` · ${formatNumber(selected)} selected`,
  ].join("");
}
