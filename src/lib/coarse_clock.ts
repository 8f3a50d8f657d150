/**
 * A clock for deadlines that are set for every request and nearly never met: it is read at ticks, and costs nothing
 * between them.
 * @module
 */

import { monotonicMs, systemClock } from "./clock.ts";

/** Its time stands still from one tick to the next; its maker calls {@linkcode tick}. */
export class CoarseClock {
  readonly #tickMs: number;
  #date = "";
  #dateSeconds = NaN;
  /** On the monotonic clock. */
  nowMs = 0;

  constructor({ tickMs }: { tickMs: number }) {
    this.#tickMs = tickMs;
    this.tick();
  }

  /** Reads the time. */
  tick(): void {
    this.nowMs = monotonicMs();
    const now = systemClock();
    const seconds = Math.floor(now.getTime() / 1000);
    if (seconds === this.#dateSeconds) return;
    this.#dateSeconds = seconds;
    this.#date = now.toUTCString();
  }

  /** When `timeoutMs` will certainly have passed; never, where it is `undefined`. */
  after(timeoutMs: number | undefined): number {
    return timeoutMs === undefined ? Infinity : this.nowMs + timeoutMs + this.#tickMs;
  }

  /** RFC 9110 §5.6.7, of the last tick. */
  get httpDate(): string {
    return this.#date;
  }
}
