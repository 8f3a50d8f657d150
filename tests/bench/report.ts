/**
 * From figures to a table: medians, and ratios to the floor, round by round, so that what drifts in between cancels.
 * @module
 */

import type { Figures } from "./measure.ts";
import type { Budget, Row } from "./rows.ts";
import { FLOOR, HARDENED, PEER, type TargetName } from "./targets.ts";

/** All rounds of one row on one target. */
export interface Series {
  readonly row: string;
  readonly target: TargetName;
  readonly rounds: readonly Figures[];
}

/** What is said of one row on one target. */
export interface Summary extends Figures {
  readonly row: string;
  readonly target: TargetName;
  /** Rate (requests or bytes per second) and processor time in those of the floor. */
  readonly rateRatio: number | undefined;
  readonly cpuRatio: number | undefined;
  /** The same in those of the Go peer. */
  readonly peerRateRatio: number | undefined;
  readonly peerCpuRatio: number | undefined;
  /** How much longer half of the requests took than through the floor. */
  readonly addedP50Ms: number | undefined;
}

/** One line of the budget. */
export interface Verdict {
  readonly row: string;
  readonly target: TargetName;
  readonly what: string;
  readonly value: number;
  readonly bound: number;
  readonly isMet: boolean;
  /** So far out that something is broken, however busy the machine. */
  readonly isGross: boolean;
}

/** Three times a bound: twice is what noise makes of rows that miss theirs by much. */
const GROSS = 3;

/** The rate of a measurement: what its row is about. */
function rate({ requestsPerSecond, megabytesPerSecond }: Figures): number {
  return requestsPerSecond ?? megabytesPerSecond;
}

function cpu({ cpuMicrosecondsPerRequest, cpuSecondsPerGigabyte }: Figures): number {
  return cpuMicrosecondsPerRequest ?? cpuSecondsPerGigabyte ?? NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Medians, and medians of the ratios within each round. */
export function summarise(series: readonly Series[]): Summary[] {
  return series.map(({ row, target, rounds }) => {
    const find = (name: TargetName): Series["rounds"] | undefined =>
      series.find((other) => other.row === row && other.target === name)?.rounds;
    const floor = find(FLOOR);
    const peer = find(PEER);
    const middle = (read: (figures: Figures) => number | undefined): number | undefined => {
      const values = rounds.map(read).filter((value) => value !== undefined);
      return values.length === 0 ? undefined : median(values);
    };
    const ratio = (
      read: (figures: Figures) => number,
      others = floor,
    ): number | undefined =>
      others &&
      median(rounds.map((figures, round) => read(figures) / read(others[round] ?? figures)));
    const p50Ms = middle((figures) => figures.p50Ms);
    return {
      row,
      target,
      requestsPerSecond: middle((figures) => figures.requestsPerSecond),
      megabytesPerSecond: middle((figures) => figures.megabytesPerSecond) ?? NaN,
      p50Ms,
      p99Ms: middle((figures) => figures.p99Ms),
      cpuMicrosecondsPerRequest: middle((figures) => figures.cpuMicrosecondsPerRequest),
      cpuSecondsPerGigabyte: middle((figures) => figures.cpuSecondsPerGigabyte),
      peakMebibytes: Math.max(...rounds.map(({ peakMebibytes }) => peakMebibytes)),
      rateRatio: ratio(rate),
      cpuRatio: ratio(cpu),
      peerRateRatio: peer && ratio(rate, peer),
      peerCpuRatio: peer && ratio(cpu, peer),
      addedP50Ms: floor && p50Ms !== undefined
        ? median(rounds.map((own, round) => (own.p50Ms ?? NaN) - (floor[round]?.p50Ms ?? NaN)))
        : undefined,
    };
  });
}

/** Holds every row to its budget, on `target`. */
export function judge(
  summaries: readonly Summary[],
  { rows, target }: { rows: readonly Row[]; target: TargetName },
): Verdict[] {
  const find = (row: string): Summary | undefined =>
    summaries.find((summary) => summary.row === row && summary.target === target);
  return rows.flatMap(({ name, budget = {} }) => {
    const summary = find(name);
    return summary === undefined ? [] : judgeRow(summary, { budget, find });
  });
}

function judgeRow(
  summary: Summary,
  { budget, find }: { budget: Budget; find: (row: string) => Summary | undefined },
): Verdict[] {
  const { row, target, rateRatio = NaN, cpuRatio = NaN, addedP50Ms = NaN } = summary;
  const verdicts: Verdict[] = [];
  const add = (what: string, { value, bound, least }: {
    value: number;
    bound: number;
    least: boolean;
  }): void => {
    const isMet = least ? value >= bound : value <= bound;
    const isGross = !(least ? value >= bound / GROSS : value <= bound * GROSS);
    verdicts.push({ row, target, what, value, bound, isMet, isGross });
  };
  if (target === HARDENED) {
    const { rateMin, cpuMax } = budget.peer ?? {};
    const { peerRateRatio: value, peerCpuRatio } = summary;
    if (rateMin !== undefined && value !== undefined) {
      add("the Go peer's rate, at least", { value, bound: rateMin, least: true });
    }
    if (cpuMax !== undefined && peerCpuRatio !== undefined) {
      add("the Go peer's CPU, at most", { value: peerCpuRatio, bound: cpuMax, least: false });
    }
    return verdicts;
  }
  const { rateMin, cpuMax, addedP50MsMax, cpuBeside } = budget;
  if (rateMin !== undefined) {
    add("rate, at least", { value: rateRatio, bound: rateMin, least: true });
  }
  if (cpuMax !== undefined) add("CPU, at most", { value: cpuRatio, bound: cpuMax, least: false });
  if (addedP50MsMax !== undefined) {
    add("added p50, ms, at most", { value: addedP50Ms, bound: addedP50MsMax, least: false });
  }
  const other = cpuBeside === undefined ? undefined : find(cpuBeside.row)?.cpuRatio;
  if (cpuBeside !== undefined && other !== undefined) {
    const { factor } = cpuBeside;
    const times = factor === 1 ? "" : `${factor} times `;
    const bound = other * factor;
    add(`CPU, at most ${times}an allowed one's`, { value: cpuRatio, bound, least: false });
  }
  return verdicts;
}

/** The tables, as Markdown. */
export function formatMarkdown(
  summaries: readonly Summary[],
  verdicts: readonly Verdict[],
): string {
  const figures = formatTable(
    [
      "row",
      "target",
      "req/s",
      "MB/s",
      "p50 ms",
      "p99 ms",
      "CPU µs/req",
      "CPU s/GB",
      "peak MiB",
      "rate ×",
      "CPU ×",
      "rate × Go",
      "CPU × Go",
    ],
    summaries.map((summary) => [
      summary.row,
      summary.target,
      format(summary.requestsPerSecond, 0),
      format(summary.megabytesPerSecond, 0),
      format(summary.p50Ms, 2),
      format(summary.p99Ms, 2),
      format(summary.cpuMicrosecondsPerRequest, 0),
      format(summary.cpuSecondsPerGigabyte, 2),
      format(summary.peakMebibytes, 0),
      format(summary.rateRatio, 2),
      format(summary.cpuRatio, 2),
      format(summary.peerRateRatio, 2),
      format(summary.peerCpuRatio, 2),
    ]),
  );
  const budget = formatTable(
    ["row", "target", "budget", "bound", "measured", "met"],
    verdicts.map(({ row, target, what, bound, value, isMet, isGross }) => [
      row,
      target,
      what,
      format(bound, 2),
      format(value, 2),
      isMet ? "yes" : isGross ? "NO, grossly" : "no",
    ]),
  );
  return `${figures}\n${budget}`;
}

function format(value: number | undefined, digits: number): string {
  return value === undefined ? "" : value.toFixed(digits);
}

/** A Markdown table. */
export function formatTable(
  head: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |\n`).join(
    "",
  );
}
