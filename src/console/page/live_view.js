// @ts-check
/**
 * The last hour: requests, errors, bytes and latency as charts that move, and who and what they were.
 * @module
 */

import { createChart } from "./chart.js";
import { element, replace } from "./dom.js";
import { followConsole } from "./follow_console.js";
import {
  formatBytes,
  formatMilliseconds,
  formatNumber,
  formatSpeed,
  formatTime,
} from "./format.js";
import { describeFailure } from "./notices.js";
import { linkTo } from "./router.js";
import { heading, section, table } from "./view_parts.js";

/**
 * @typedef {Record<string, number>} Counts
 * @typedef {Counts & {name: string}} Named
 * @typedef {{users: Named[], buckets: Named[], operations: Named[]} & Counts} Span
 *
 * @typedef {object} Live
 * @property {string} now
 * @property {string} started
 * @property {number} interval_ms
 * @property {number} workers
 * @property {number} in_flight
 * @property {number} backend_connections
 * @property {number} backend_connections_max
 * @property {number} backend_connections_waiting
 * @property {number} viewers
 * @property {number} viewers_max
 * @property {number[]} times
 * @property {Record<string, (number | null)[]>} series
 * @property {Span} last_minute
 * @property {Span} last_hour
 */

const SLOTS_MAX = 361;

/** @param {import("./shell.js").Place} place */
export function showLive({ session, signal }) {
  const tiles = element("dl", { class: "tiles" });
  const lists = element("div", { class: "lists" });
  const problem = element("div", { role: "alert" });
  const charts = buildCharts(signal);
  const history = new SlotHistory();
  followConsole(session, "live", {
    signal,
    place: tiles,
    query: () => ({ after: history.newest }),
    tell: (/** @type {Live} */ live) => {
      history.add(live);
      replace(tiles, ...buildTiles(live));
      for (const { chart, lines } of charts) {
        chart.show(
          history.times,
          lines.map(({ name, scale }) => history.read(name, scale?.(live.interval_ms))),
        );
      }
      replace(lists, ...buildLists(live.last_hour));
      replace(problem);
    },
    fail: (error) => replace(problem, element("p", { class: "problem" }, describeFailure(error))),
  });
  const content = element(
    "div",
    {},
    heading("Live", "The last hour of all workers."),
    problem,
    tiles,
    element("div", { class: "charts" }, ...charts.map(({ chart }) => chart.element)),
    lists,
  );
  return { title: "Live", content };
}

/** The slots that were told so far; an answer holds those since the last one. */
class SlotHistory {
  /** @type {number[]} */ times = [];
  /** @type {Map<string, (number | null)[]>} */ #series = new Map();

  /** From where on slots are asked for. */
  get newest() {
    return this.times.at(-1)?.toString();
  }

  /** @param {Live} live */
  add({ times, series }) {
    const [from = Infinity] = times;
    const kept = this.times.filter((time) => time < from).length;
    this.times = [...this.times.slice(0, kept), ...times].slice(-SLOTS_MAX);
    for (const [name, values] of Object.entries(series)) {
      const before = (this.#series.get(name) ?? []).slice(0, kept);
      this.#series.set(name, [...before, ...values].slice(-SLOTS_MAX));
    }
  }

  /**
   * @param {string} name
   * @param {number} [factor]
   */
  read(name, factor = 1) {
    return (this.#series.get(name) ?? []).map((value) => value === null ? null : value * factor);
  }
}

/** A count of a slot as a rate. @param {number} interval */
const perSecond = (interval) => 1000 / interval;

/** @param {AbortSignal} signal */
function buildCharts(signal) {
  /** @type {{title: string, format: (value: number) => string, lines: {name: string, label: string, color: string, scale?: (interval: number) => number}[]}[]} */
  const wanted = [
    {
      title: "Requests a second",
      format: formatNumber,
      lines: [
        { name: "requests", label: "all", color: "--chart-1", scale: perSecond },
        { name: "errors", label: "errors", color: "--chart-2", scale: perSecond },
        { name: "denied", label: "denied", color: "--chart-3", scale: perSecond },
      ],
    },
    {
      title: "Bytes a second",
      format: formatSpeed,
      lines: [
        { name: "bytes_in", label: "in", color: "--chart-1", scale: perSecond },
        { name: "bytes_out", label: "out", color: "--chart-3", scale: perSecond },
      ],
    },
    {
      title: "Latency",
      format: formatMilliseconds,
      lines: [
        { name: "p50_ms", label: "p50", color: "--chart-1" },
        { name: "p95_ms", label: "p95", color: "--chart-3" },
        { name: "p99_ms", label: "p99", color: "--chart-2" },
      ],
    },
    {
      title: "Latency: the backend's and ours, p95",
      format: formatMilliseconds,
      lines: [
        { name: "backend_p95_ms", label: "backend", color: "--chart-1" },
        { name: "own_p95_ms", label: "ours", color: "--chart-3" },
      ],
    },
  ];
  return wanted.map(({ title, format, lines }) => ({
    chart: createChart({ title, format, lines, signal }),
    lines,
  }));
}

/** @param {Live} live */
function buildTiles(live) {
  const minute = live.last_minute;
  const number = (/** @type {string} */ name) => formatNumber(minute[name] ?? 0);
  const time = (/** @type {string} */ name) =>
    minute[name] === undefined || minute[name] === null ? "—" : formatMilliseconds(minute[name]);
  /** @type {readonly (readonly [string, string])[]} */
  const tiles = [
    ["Requests, last minute", number("requests")],
    ["Errors", number("errors")],
    ["Denied", number("denied")],
    ["Limited", number("limited")],
    ["Median", time("p50_ms")],
    ["p99", time("p99_ms")],
    ["In flight", formatNumber(live.in_flight)],
    [
      "Backend connections",
      `${formatNumber(live.backend_connections)} of ${formatNumber(live.backend_connections_max)}`,
    ],
    ["Waiting for one", formatNumber(live.backend_connections_waiting)],
    ["Running since", formatTime(live.started)],
    ["Workers", formatNumber(live.workers)],
    ["Viewers", `${formatNumber(live.viewers)} of ${formatNumber(live.viewers_max)}`],
  ];
  return tiles.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value))
  );
}

/** @param {Span} hour */
function buildLists(hour) {
  const kinds =
    /** @type {const} */ ([["users", "By user", "user"], ["buckets", "By bucket", "bucket"], [
      "operations",
      "By operation",
      "operation",
    ]]);
  return kinds.map(([kind, title, filter]) =>
    section(
      title,
      table({
        caption: `${title}, last hour`,
        columns: ["Name", "Requests", "Errors", "Denied", "In", "Out"],
        numeric: [1, 2, 3, 4, 5],
        rows: (hour[kind] ?? []).map((row) => [
          element("a", { href: linkTo("requests", { [filter]: row.name }) }, row.name),
          formatNumber(row["requests"] ?? 0),
          formatNumber(row["errors"] ?? 0),
          formatNumber(row["denied"] ?? 0),
          formatBytes(row["bytes_in"] ?? 0),
          formatBytes(row["bytes_out"] ?? 0),
        ]),
        empty: "Nothing in the last hour.",
      }),
    )
  );
}
