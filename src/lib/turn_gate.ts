/**
 * Work that begins with many requests at once, spread over turns of the event loop: two dozen that each take 10 ms and came
 * together would keep everybody else for a quarter of a second.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "./clock.ts";
import { nextTurn } from "./turns.ts";

type Begin = () => void;

/** Begins work of one thread: short work first, and in one turn no more than a slice of it, and then one that is long. */
export class TurnGate {
  readonly #short: Begin[] = [];
  readonly #long: Begin[] = [];
  #workedMs = 0;
  #isTurning = false;

  /** Calls `work`, at once where this turn has time left. What it does before its first `await` is what counts. */
  begin<Result>(work: () => Promise<Result>, { isLong }: { isLong: boolean }): Promise<Result> {
    if (this.#mayBegin(isLong)) {
      // One that is long has its turn for itself, whatever can be measured of it.
      if (isLong) this.#workedMs = LIMITS.workSliceMs;
      return this.#measure(work);
    }
    return new Promise((resolve) => {
      (isLong ? this.#long : this.#short).push(() => resolve(this.#measure(work)));
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
      // One in each turn, however many are short: who is long waits, and comes.
      const begin = this.#long.shift();
      if (begin === undefined) continue;
      this.#workedMs = LIMITS.workSliceMs;
      begin();
      // What has begun in this turn counts until there is another.
    } while (this.#workedMs > 0 || this.#short.length + this.#long.length > 0);
    this.#isTurning = false;
  }
}
