// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="esnext" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Makes elements. Text becomes text nodes only, so that no name, no message and no header of a store is ever read as markup.
 * @module
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes, listeners (`onclick: fn`) and children. `true` sets an empty attribute; `false`, `null` and `undefined` leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  append(made, children);
  return made;
}

/**
 * @param {Element} target
 * @param {readonly Child[]} children
 */
function append(target, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    target.append(child instanceof Node ? child : String(child));
  }
}

/**
 * @param {Element} target
 * @param {string} name
 * @param {unknown} value
 */
function setAttribute(target, name, value) {
  if (value === false || value === null || value === undefined) return;
  if (name.startsWith("on")) {
    if (typeof value !== "function") throw new TypeError(`"${name}" takes a function`);
    target.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  } else target.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Puts these children in place of the old ones.
 *
 * @param {Element} target
 * @param {...Child} children
 */
export function replace(target, ...children) {
  target.replaceChildren();
  append(target, children);
}

/** Outlines on a field of 24 by 24. */
const ICONS = {
  bucket: "M4 6c0-4 16-4 16 0s-16 4-16 0l2 13c1 3 11 3 12 0l2-13",
  folder: "M3 6h6l2 2h10v11H3z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  share: "M10 14l10-10M14 4h6v6M18 14v6H4V6h6",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  up: "M12 19V5M6 11l6-6 6 6",
  pause: "M8 5v14M16 5v14",
  play: "M8 5l11 7-11 7z",
  retry: "M20 12a8 8 0 1 1-3-6M20 4v5h-5",
  key: "M8 20a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 13l9-9M16 8l3 3",
  question: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18h.01M12 22a10 10 0 1 1 0-20 10 10 0 0 1 0 20z",
  pulse: "M3 12h4l3-8 4 16 3-8h4",
  people:
    "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-8 14-8 14 0M16 3a4 4 0 0 1 0 8M18 14c3 1 4 4 4 7",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4v6M8 14v6",
  theme: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",
  leave: "M10 4H4v16h6M15 8l4 4-4 4M9 12h10",
  copy: "M8 8h12v12H8zM4 16V4h12",
  info: "M12 11v6M12 7h.01M12 22a10 10 0 1 1 0-20 10 10 0 0 1 0 20z",
};

/** @typedef {keyof typeof ICONS} IconName */

const SVG = "http://www.w3.org/2000/svg";

/**
 * A picture beside words: screen readers do not see it.
 *
 * @param {IconName} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button with an icon and words. `quiet` has no frame; `iconOnly` shows the words to screen readers and as a tip only.
 *
 * @param {{icon?: IconName, text: string, kind?: "primary" | "danger" | "quiet", iconOnly?: boolean, disabled?: boolean}} look
 * @param {(event: MouseEvent) => unknown} onclick
 * @returns {HTMLButtonElement}
 */
export function button({ icon: name, text, kind, iconOnly = false, disabled = false }, onclick) {
  const attributes = { type: "button", class: kind, onclick, disabled };
  if (iconOnly) {
    const tip = {
      ...attributes,
      class: `${kind ?? "quiet"} bare`,
      "aria-label": text,
      title: text,
    };
    return element("button", tip, name && icon(name));
  }
  return element("button", attributes, name && icon(name), text);
}

let fields = 0;

/**
 * A label with what it labels below, and a hint that screen readers tell with it.
 *
 * @param {{label: string, hint?: string}} text
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} control
 * @returns {HTMLElement}
 */
export function field({ label, hint }, control) {
  control.id ||= `field-${++fields}`;
  const described = hint === undefined
    ? null
    : element("small", { id: `${control.id}-hint` }, hint);
  if (described !== null) control.setAttribute("aria-describedby", described.id);
  return element(
    "div",
    { class: "field" },
    element("label", { for: control.id }, label),
    control,
    described,
  );
}
