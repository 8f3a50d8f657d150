/**
 * Deadlines that are nearly never reached, several for every request: instead of a timer for each, all are looked at from time to time.
 * @module
 */

import { monotonicMs } from "./clock.ts";
import { LiveSet, type Living } from "./live_set.ts";

/** Has deadlines. */
export interface Watched extends Living {
  /** Does what is due at `nowMs` on the monotonic clock. Must not throw. */
  check(nowMs: number): void;
}

/** One interval for all that is watched. It stands still while there is nothing, and keeps no process alive. */
export class Watch {
  readonly #tickMs: number;
  readonly #watched = new LiveSet<Watched>();
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor({ tickMs }: { tickMs: number }) {
    this.#tickMs = tickMs;
  }

  /** Has `watched` looked at, from the next tick on: a deadline is seen at most a tick late. */
  add(watched: Watched): void {
    this.#watched.add(watched);
    if (this.#interval !== undefined) return;
    this.#interval = setInterval(() => this.#tick(), this.#tickMs);
    Deno.unrefTimer(this.#interval);
  }

  /** Looks at it no more. */
  delete(watched: Watched): void {
    this.#watched.delete(watched);
  }

  #tick(): void {
    const nowMs = monotonicMs();
    this.#watched.forEach((watched) => watched.check(nowMs));
    if (this.#watched.size > 0) return;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }
}
