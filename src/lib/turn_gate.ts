/**
 * Work that holds the event loop, spread over its turns. Without this, two dozen requests that come together and take 10 ms each
 * would block all others for a quarter of a second, and so would two dozen long documents that stream at the same time.
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
 * its coming, and no more than a slice of that. What is short never waits for the turn in which something long was done.
 */
export class TurnGate {
  readonly #short: Begin[] = [];
  readonly #long: Long[] = [];
  /** What this turn has had of either. */
  #shortMs = 0;
  #longMs = 0;
  #isTurning = false;

  /** Calls `work`, at once where this turn has time left. What it does before its first `await` is what counts. */
  begin<Result>(work: () => Promise<Result>, { isLong }: { isLong: boolean }): Promise<Result> {
    if (!isLong) {
      const mayBegin = this.#short.length === 0 && this.#shortMs < LIMITS.workSliceMs;
      if (mayBegin) return this.#runShort(work);
      return new Promise((resolve) => this.#short.push(() => resolve(this.#runShort(work))));
    }
    // It has its turn for itself, whatever can be measured of it.
    const mayBegin = !this.#isTurning && this.#short.length === 0 && this.#longMs === 0;
    if (mayBegin) return this.#runLong(work, LIMITS.workSliceMs);
    return new Promise((resolve) => {
      this.#wait({ begin: () => resolve(this.#runLong(work, LIMITS.workSliceMs)), isAlone: true });
    });
  }

  /** Does one short step of long work, at once where this turn has time left for such and nobody waits. */
  step<Result>(step: () => Result): Promise<Result> {
    // deno-lint-ignore require-await -- it throws where it is awaited
    const work = async (): Promise<Result> => step();
    const isAnybodyFirst = this.#long.length + this.#short.length > 0;
    if (!isAnybodyFirst && this.#longMs < LIMITS.stepSliceMs) return this.#runLong(work, 0);
    return new Promise((resolve) => {
      this.#wait({ begin: () => resolve(this.#runLong(work, 0)), isAlone: false });
    });
  }

  /** INVARIANT: who waits is looked at in the next turn. */
  #wait(long: Long): void {
    this.#long.push(long);
    if (!this.#isTurning) void this.#turn();
  }

  #runShort<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedMs = monotonicMs();
    const result = work();
    this.#shortMs += monotonicMs() - startedMs;
    // Not at every piece of short work: where pieces come one by one, a timer would cost a tenth of one.
    if (this.#shortMs >= LIMITS.workSliceMs / 4 && !this.#isTurning) void this.#turn();
    return result;
  }

  #runLong<Result>(work: () => Promise<Result>, weightMs: number): Promise<Result> {
    const startedMs = monotonicMs();
    const result = work();
    this.#longMs += Math.max(weightMs, monotonicMs() - startedMs);
    if (this.#longMs >= LIMITS.stepSliceMs / 2 && !this.#isTurning) void this.#turn();
    return result;
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    do {
      await nextTurn();
      this.#shortMs = 0;
      this.#longMs = 0;
      while (this.#shortMs < LIMITS.workSliceMs) {
        const begin = this.#short.shift();
        if (begin === undefined) break;
        begin();
      }
      this.#beginLong();
      // What has begun in this turn counts until there is another.
    } while (this.#shortMs + this.#longMs > 0 || this.#short.length + this.#long.length > 0);
    this.#isTurning = false;
  }

  /** Long work gets some of each turn, however much short work there is: it waits, and is done. */
  #beginLong(): void {
    while (this.#longMs < LIMITS.stepSliceMs) {
      const [long] = this.#long;
      if (long === undefined || long.isAlone && this.#longMs > 0) return;
      this.#long.shift();
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
