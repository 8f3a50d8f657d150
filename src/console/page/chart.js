// @ts-check
/**
 * Lines over time, drawn by uPlot, with the newest values in words below for those who do not see them.
 * @module
 */

import { element, replace } from "./dom.js";

/** @typedef {import("./uplot.js").default} Plot */
/** @typedef {typeof import("./uplot.js").default} Library */

const HEIGHT = 180;
const MINUTE_SECONDS = 60;

/**
 * @param {{title: string, format: (value: number) => string, lines: {label: string, color: string}[], signal: AbortSignal}} chart
 */
export function createChart({ title, format, lines, signal }) {
  const drawing = element("div", { class: "drawing", "aria-hidden": "true" });
  const values = element("ul", { class: "legend" });
  const figure = element(
    "figure",
    { class: "card chart" },
    element("figcaption", {}, title),
    drawing,
    values,
  );
  /** @type {Library | undefined} */
  let Library;
  /** @type {Plot | undefined} */
  let plot;
  /** @type {import("uplot").AlignedData} */
  let data = [[]];
  const draw = () => {
    const width = drawing.clientWidth;
    if (width === 0 || Library === undefined || signal.aborted) return;
    plot?.destroy();
    plot = new Library(buildOptions({ width, format, lines }), data, drawing);
  };
  import("./uplot.js").then((module) => { // not before somebody looks at charts
    Library = module.default;
    draw();
  });
  const watch = new ResizeObserver(draw);
  watch.observe(drawing);
  const theme = new MutationObserver(draw);
  theme.observe(document.documentElement, { attributes: true });
  const preference = matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", draw, { signal });
  signal.addEventListener("abort", () => {
    watch.disconnect();
    theme.disconnect();
    plot?.destroy();
  }, { once: true });
  return {
    element: figure,
    /**
     * @param {number[]} times in seconds
     * @param {(number | null)[][]} series by line
     */
    show(times, series) {
      data = [times, ...series];
      plot?.setData(data);
      replace(
        values,
        ...lines.map(({ label, color }, index) => {
          const value = series[index]?.findLast((candidate) => candidate !== null);
          const mark = element("span", { class: "mark" });
          mark.style.background = `var(${color})`;
          return element(
            "li",
            {},
            mark,
            `${label} `,
            element("strong", {}, value === undefined || value === null ? "—" : format(value)),
          );
        }),
      );
    },
  };
}

/**
 * @param {{width: number, format: (value: number) => string, lines: {label: string, color: string}[]}} chart
 * @returns {import("uplot").Options}
 */
function buildOptions({ width, format, lines }) {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => {
    const probe = element("span", {});
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  };
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  const minutes = createClock({ hour: "2-digit", minute: "2-digit" });
  const seconds = createClock({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [null, 32, null, null], // half of the last time
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        space: 70,
        values: (_, times, __, ___, step) => times.map(step < MINUTE_SECONDS ? seconds : minutes),
      },
      { ...axis, size: 76, values: (_, marks) => marks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, color: name }) => ({
        label,
        stroke: color(name),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {(seconds: number) => string}
 */
function createClock(options) {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (seconds) => format.format(seconds * 1000);
}
