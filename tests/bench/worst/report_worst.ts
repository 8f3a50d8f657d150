/**
 * The figures as lines of Markdown, and which of them miss their target.
 * @module
 */

import type { WorstFigures } from "./measure_worst.ts";

/** What is wanted of every case. */
export const TARGETS = {
  /** But for an answer that streams: what a MiB of it costs is told apart. */
  cpuMs: 25,
  /** A listing of the worst names, beside one of ordinary names. */
  timesOrdinary: 8,
  lagMs: 100,
  /** The quiet user's p99 beside the greedy, in its own when alone. */
  quietFactor: 10,
  heldMebibytes: 96,
};

/** What is shorter is held: an ACL. */
const STREAMS_FROM_MEBIBYTES = 0.5;

/** The heads of the columns. */
export const HEADING =
  "| request | listener | worst text | answer | CPU, ms | a MiB that streams | × ordinary | 24 at once: lag, ms | of it CPU, ms | " +
  "quiet p99, ms | of its own | held, MiB | misses |\n" + "| --- |".repeat(1) + " --- |".repeat(12);

/** One line. */
export function formatRow(figures: WorstFigures): string {
  const { name, listener, label, status, cpuMs, lagMs, keptMs, quietMs } = figures;
  const { streamedMebibytes, timesOrdinary } = figures;
  const { quietAloneMs, heldMebibytes } = figures;
  const cells = [
    name,
    listener,
    label,
    status === 0 ? "none" : String(status),
    cpuMs.toFixed(1),
    streamedMebibytes >= STREAMS_FROM_MEBIBYTES ? (cpuMs / streamedMebibytes).toFixed(1) : "",
    timesOrdinary?.toFixed(1) ?? "",
    lagMs.toFixed(0),
    keptMs.toFixed(0),
    quietMs.toFixed(1),
    (quietMs / quietAloneMs).toFixed(1),
    heldMebibytes.toFixed(0),
    listMisses(figures).join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** How many cases meet every target, and the worst of each kind. */
export function formatSummary(all: readonly WorstFigures[]): string {
  const missed = all.filter((figures) => listMisses(figures).length > 0);
  const worst = (read: (figures: WorstFigures) => number): string =>
    Math.max(...all.map(read)).toFixed(1);
  return [
    `\n${all.length - missed.length} of ${all.length} meet every target.`,
    `Worst: ${worst(({ cpuMs }) => cpuMs)} ms of CPU, ${worst(({ lagMs }) => lagMs)} ms of lag, ` +
    `${worst(({ quietMs, quietAloneMs }) => quietMs / quietAloneMs)} times the quiet user's own, ` +
    `${worst(({ heldMebibytes }) => heldMebibytes)} MiB held.`,
  ].join("\n");
}

/** The names of the targets that are missed. */
export function listMisses(figures: WorstFigures): string[] {
  const {
    cpuMs,
    streamedMebibytes,
    timesOrdinary = 0,
    lagMs,
    quietMs,
    quietAloneMs,
    heldMebibytes,
    quietFailures,
    ended,
  } = figures;
  const misses: readonly [string, boolean][] = [
    ["ended", ended],
    ["CPU", cpuMs > TARGETS.cpuMs && streamedMebibytes < STREAMS_FROM_MEBIBYTES],
    ["times ordinary", timesOrdinary > TARGETS.timesOrdinary],
    ["lag", lagMs > TARGETS.lagMs],
    ["quiet", quietMs > TARGETS.quietFactor * quietAloneMs],
    ["held", heldMebibytes > TARGETS.heldMebibytes],
    [`${quietFailures} failed`, quietFailures > 0],
  ];
  return misses.filter(([, missed]) => missed).map(([name]) => name);
}
