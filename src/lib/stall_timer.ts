/**
 * A deadline that every step forward moves on.
 * @module
 */

import { monotonicMs } from "./clock.ts";

/** Calls back, once, when no progress was reported for `timeoutMs`. A report costs no timer. */
export class StallTimer {
  readonly #timeoutMs: number;
  readonly #onStall: () => void;
  #lastProgressMs = monotonicMs();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts at once; with `timeoutMs` undefined it never fires. */
  constructor({ timeoutMs, onStall }: { timeoutMs: number | undefined; onStall: () => void }) {
    this.#timeoutMs = timeoutMs ?? 0;
    this.#onStall = onStall;
    if (timeoutMs !== undefined) this.#waitMs(timeoutMs);
  }

  /** Something moved. */
  progress(): void {
    this.#lastProgressMs = monotonicMs();
  }

  /** No callback from now on. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #waitMs(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#lastProgressMs + this.#timeoutMs - monotonicMs();
      if (leftMs > 0) this.#waitMs(leftMs);
      else this.#onStall();
    }, delayMs);
  }
}
