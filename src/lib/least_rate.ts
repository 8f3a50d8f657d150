/**
 * The least rate of a transfer, measured only while this program waits for the client: a client that has to wait itself, for the
 * backend or for a rate that was set for it, is not slow.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** One transfer's, in bytes a second averaged over {@linkcode LIMITS.leastRateWindowMs}. */
export class LeastRate {
  readonly #bytesPerSecondMin: number;
  #waitedMs = 0;
  #bytes = 0;
  /** Since when somebody waits. */
  #sinceMs: number | undefined;

  /** 0: any rate will do. */
  constructor(bytesPerSecondMin: number) {
    this.#bytesPerSecondMin = bytesPerSecondMin;
  }

  /** The other side is waited for from now on. */
  waits(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** It has sent, or taken, so much. */
  moved(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    if (this.#sinceMs !== undefined) this.#waitedMs += nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  /** Whether too little has come in the window that has just ended; to be asked now and then. */
  isTooSlow(nowMs: number): boolean {
    const waitedMs = this.#waitedMs + (this.#sinceMs === undefined ? 0 : nowMs - this.#sinceMs);
    if (waitedMs < LIMITS.leastRateWindowMs) return false;
    const isTooSlow = this.#bytes * 1000 < this.#bytesPerSecondMin * waitedMs;
    this.#waitedMs = 0;
    this.#bytes = 0;
    if (this.#sinceMs !== undefined) this.#sinceMs = nowMs;
    return isTooSlow;
  }
}
