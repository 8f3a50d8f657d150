/**
 * How the cost of work on a text grows with the text. Cost is the processor's own time, the least of several runs: what
 * other programs, the collector of garbage and the compiler take of a run makes it longer, never shorter. It is the
 * whole process's, so these tests have one of their own; and what does not look linear is measured again in batches that
 * are long enough for a clock that ticks every 10 ms.
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";

/** Twice the length may cost this much, over all doublings together. */
const GROWTH_MAX = 2.2;
const DOUBLINGS = 3;
const SHORTEST = 2 ** DOUBLINGS;
/** What may be left to noise where it is the last doubling too: what is quadratic costs 4 times as much, and 64 in all. */
const LAST_GROWTH_MAX = 2.6;
/** Below this, a clock and a call cost as much as the work. */
const FLOOR_MS = 0.05;
const ROUNDS_MAX = 4;
const BATCHES_MAX = 4;
/** No noise, and far too long whatever it is: what is linear takes a fiftieth. */
const HOPELESS_MS = 1_000;
const BATCH: Batch = { runsMin: 1, leastMs: 100 };

/** Work on texts of some length. */
export interface Growth {
  readonly name: string;
  /** The longest text that reaches the work. */
  readonly lengthMax: number;
  /** Makes a text of that many characters. */
  readonly build: (length: number) => string;
  readonly work: (text: string) => unknown;
}

/** What a text is made of again and again, with what begins and ends it. */
export type Piece = readonly [piece: string, begin?: string, end?: string];

/** A run that has no end, separators, and what is decoded: for places that are many. */
export const NASTIEST: readonly Piece[] = [
  [" ", "a\tb", "c"],
  [",", "a", '"'],
  ["%41"],
];

/** For each of the other places. */
export const NASTY: readonly Piece[] = [
  ...NASTIEST,
  [" \t", "a", "\tb"],
  ['"', "a", "a"],
  ["%"],
  ["/"],
  ["../", "/"],
  ["*"],
  ["1"],
  ["a,", 'id="'],
  ["a=b&"],
  ["${"],
  ["<"],
  ["&#x0", "&"],
  ["\xe9"],
];

/** A text of `length` characters. */
export function repeat([piece, begin = "", end = ""]: Piece, length: number): string {
  const middle = Math.max(0, length - begin.length - end.length);
  // Joined and cut so that it is one flat text.
  return [begin, piece.repeat(Math.ceil(middle / piece.length)).slice(0, middle), end].join("");
}

/** Checks `work` with each of `pieces` up to `lengthMax` characters. */
export function testGrowth(
  name: string,
  { lengthMax, work, pieces = NASTY }: Pick<Growth, "lengthMax" | "work"> & {
    pieces?: readonly Piece[];
  },
): void {
  Deno.test(`X1 ${name} costs what it is long`, () => {
    for (const piece of pieces) {
      const build = (length: number): string => repeat(piece, length);
      assertLinear({ name: `${name} of ${JSON.stringify(piece)}`, lengthMax, build, work });
    }
  });
}

/** Fails where {@linkcode DOUBLINGS} doublings up to the limit cost more than {@linkcode GROWTH_MAX} times as much each. */
export function assertLinear({ name, lengthMax, build, work }: Growth): void {
  const [short, half, long] = [SHORTEST, 2, 1].map((part) => {
    const text = build(Math.ceil(lengthMax / part));
    return (): unknown => work(text);
  });
  assert.ok(short !== undefined && half !== undefined && long !== undefined);
  const fail = (times: Readonly<Record<string, number>>): never => {
    const shown = Object.entries(times).map(([part, ms]) => `${part} ${ms.toFixed(3)} ms`);
    assert.fail(`${name} is not linear up to ${lengthMax} characters: ${shown.join(", ")}`);
  };
  let least = { short: Infinity, half: Infinity, long: Infinity };
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    // The first runs are the slowest, so those of the long text come first; the short one as often as makes it as long.
    least.long = Math.min(least.long, measure(long, { runsMin: 1 }));
    least.short = Math.min(least.short, measure(short, { runsMin: SHORTEST }));
    if (isLinear(least)) return;
    if (least.long > HOPELESS_MS) fail(least);
  }
  least = { short: Infinity, half: Infinity, long: Infinity };
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    least.short = Math.min(least.short, measure(short, BATCH));
    least.half = Math.min(least.half, measure(half, BATCH));
    least.long = Math.min(least.long, measure(long, BATCH));
    if (isLinear(least) || isAlmost(least)) return;
  }
  fail(least);
}

function isLinear({ short, long }: { short: number; long: number }): boolean {
  return long <= Math.max(FLOOR_MS, short) * GROWTH_MAX ** DOUBLINGS;
}

/** Memory that does not fit in a cache costs a little more. */
function isAlmost({ short, half, long }: { short: number; half: number; long: number }): boolean {
  return long <= half * LAST_GROWTH_MAX && long <= short * LAST_GROWTH_MAX ** DOUBLINGS;
}

interface Batch {
  readonly runsMin: number;
  readonly leastMs?: number;
}

/** Milliseconds of the processor that one run of `work` takes, of as many as a batch has. */
function measure(work: () => unknown, { runsMin, leastMs = 0 }: Batch): number {
  const beganMs = readProcessorMs();
  for (let runs = 1;; runs++) {
    work();
    if (runs < runsMin) continue;
    const takenMs = readProcessorMs() - beganMs;
    if (takenMs >= leastMs) return takenMs / runs;
  }
}

function readProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
