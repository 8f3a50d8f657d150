/**
 * Work that keeps the event loop, spread over its turns: two dozen requests that each take 10 ms and came together would keep
 * everybody else for a quarter of a second, and so would two dozen long documents that stream at the same time.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "./clock.ts";

type Begin = () => void;

/** What waits behind all that is short. */
interface Long {
  readonly begin: Begin;
  /** Whether it has a turn for itself, whatever can be measured of it. */
  readonly isAlone: boolean;
}

/**
 * Begins work of one thread: short work first, and in one turn no more than a slice of it; then what is long, in the order of
 * its coming, and no more than a slice of that.
 */
export class TurnGate {
  readonly #short: Begin[] = [];
  readonly #long: Long[] = [];
  #workedMs = 0;
  #isTurning = false;

  /** Calls `work`, at once where this turn has time left. What it does before its first `await` is what counts. */
  begin<Result>(work: () => Promise<Result>, { isLong }: { isLong: boolean }): Promise<Result> {
    if (this.#mayBegin(isLong)) {
      if (isLong) this.#workedMs = LIMITS.workSliceMs;
      return this.#measure(work);
    }
    return new Promise((resolve) => {
      const begin = (): void => resolve(this.#measure(work));
      if (isLong) this.#long.push({ begin, isAlone: true });
      else this.#short.push(begin);
    });
  }

  /** Does one short step of long work, at once where this turn has time left for such and nobody waits. */
  step<Result>(step: () => Result): Promise<Result> {
    // deno-lint-ignore require-await -- it throws where it is awaited
    const work = async (): Promise<Result> => step();
    const mayBegin = this.#workedMs < LIMITS.stepSliceMs && this.#long.length === 0 &&
      this.#mayBegin(false);
    if (mayBegin) return this.#measure(work);
    return new Promise((resolve) => {
      this.#long.push({ begin: () => resolve(this.#measure(work)), isAlone: false });
      if (!this.#isTurning) void this.#turn();
    });
  }

  #mayBegin(isLong: boolean): boolean {
    if (this.#workedMs >= LIMITS.workSliceMs || this.#short.length > 0) return false;
    return !isLong || !this.#isTurning;
  }

  #measure<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedMs = monotonicMs();
    const result = work();
    this.#workedMs += monotonicMs() - startedMs;
    // Not for each of the short: where they come one by one, a timer would cost as much as a tenth of one.
    if (this.#workedMs >= LIMITS.workSliceMs / 4 && !this.#isTurning) void this.#turn();
    return result;
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    do {
      await nextTurn();
      this.#workedMs = 0;
      while (this.#workedMs < LIMITS.workSliceMs) {
        const begin = this.#short.shift();
        if (begin === undefined) break;
        begin();
      }
      this.#beginLong();
      // What has begun in this turn counts until there is another.
    } while (this.#workedMs > 0 || this.#short.length + this.#long.length > 0);
    this.#isTurning = false;
  }

  /** Some in each turn, however many are short: who is long waits, and comes. */
  #beginLong(): void {
    const endMs = this.#workedMs + LIMITS.stepSliceMs;
    while (this.#workedMs < endMs) {
      const long = this.#long.shift();
      if (long === undefined) return;
      if (long.isAlone) this.#workedMs = Math.max(endMs, LIMITS.workSliceMs);
      long.begin();
    }
  }
}

/** Of this thread: it has one event loop. */
export const THREAD_TURNS = new TurnGate();

/** Resolves in another turn of the event loop. `setImmediate` would let nobody read a socket meanwhile (2.9.6). */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
