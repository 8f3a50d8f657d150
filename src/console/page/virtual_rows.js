// @ts-check
/**
 * A grid of which only the rows in sight are in the document: 100 000 entries scroll like ten. Arrows, Home, End and page keys move; Enter opens,
 * Space selects, Delete deletes.
 * @module
 */

import { element } from "./dom.js";

const ROW_PIXELS = 44;
/** Rows above and below the visible ones. */
const MARGIN = 12;
/** Rows from the end at which more is asked for. */
const AHEAD = 100;

/**
 * @typedef {object} Grid
 * @property {string} label
 * @property {HTMLElement} header a row of column headers
 * @property {(index: number) => HTMLElement[]} cells
 * @property {(index: number) => void} open
 * @property {(index: number) => void} select
 * @property {(index: number) => boolean} isSelected
 * @property {() => void} remove
 * @property {() => void} more is asked for when the end comes near
 */

/** @param {Grid} grid */
export function createVirtualRows(grid) {
  const body = element("div", { role: "rowgroup", class: "rows" });
  const scroller = element(
    "div",
    {
      role: "grid",
      class: "grid",
      tabindex: "0",
      "aria-label": grid.label,
      "aria-multiselectable": "true",
    },
    element("div", { role: "rowgroup", class: "grid-head" }, grid.header),
    body,
  );
  let count = 0;
  let active = 0;
  let queued = false;

  const draw = () => {
    queued = false;
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_PIXELS) - MARGIN);
    const last = Math.min(
      count,
      Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_PIXELS) + MARGIN,
    );
    const rows = [];
    for (let index = first; index < last; index++) rows.push(buildRow(index));
    body.replaceChildren(...rows);
    scroller.setAttribute("aria-activedescendant", `row-${active}`);
    if (count === 0) scroller.removeAttribute("aria-activedescendant");
    if (last > count - AHEAD) grid.more();
  };
  const buildRow = (/** @type {number} */ index) => {
    const row = element("div", {
      role: "row",
      id: `row-${index}`,
      class: index === active ? "row active" : "row",
      "aria-rowindex": index + 2,
      "aria-selected": String(grid.isSelected(index)),
    }, ...grid.cells(index));
    row.style.top = `${index * ROW_PIXELS}px`;
    row.addEventListener("pointerdown", () => void (active = index));
    return row;
  };
  const queue = () => {
    if (!queued) requestAnimationFrame(draw);
    queued = true;
  };
  const move = (/** @type {number} */ index) => {
    active = Math.max(0, Math.min(count - 1, index));
    const top = active * ROW_PIXELS;
    const height = scroller.clientHeight - ROW_PIXELS; // the header covers a row
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_PIXELS > scroller.scrollTop + height) {
      scroller.scrollTop = top + ROW_PIXELS - height;
    }
    draw();
  };
  scroller.addEventListener("scroll", queue, { passive: true });
  scroller.addEventListener("keydown", (event) => {
    if (event.target !== scroller || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(scroller.clientHeight / ROW_PIXELS) - 2);
    const act = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      PageDown: () => move(active + page),
      PageUp: () => move(active - page),
      Home: () => move(0),
      End: () => move(count - 1),
      Enter: () => count > 0 && grid.open(active),
      " ": () => count > 0 && grid.select(active),
      Delete: () => grid.remove(),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  new ResizeObserver(queue).observe(scroller);

  return {
    element: scroller,
    /**
     * The rows have changed. `isWhole` says that no more will come.
     *
     * @param {number} entries
     * @param {boolean} isWhole
     */
    show(entries, isWhole) {
      count = entries;
      active = Math.min(active, Math.max(0, count - 1));
      body.style.height = `${count * ROW_PIXELS}px`;
      scroller.setAttribute("aria-rowcount", String(isWhole ? count + 1 : -1));
      queue();
    },
  };
}
