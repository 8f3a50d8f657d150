/**
 * The metrics' text, made anew for each request within a bounded share of the thread's time. With many series it takes a second, in
 * which the thread answers nobody else, and anybody who reaches the port may ask.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** What {@linkcode PacedExposition} needs. */
export interface PacedExpositionOptions {
  readonly read: () => Promise<string>;
  /** On a clock that never jumps. */
  readonly nowMs: () => number;
}

/** One reading at a time, and no more than a share of all time. */
export class PacedExposition {
  readonly #options: PacedExpositionOptions;
  #reading: Promise<string> | undefined;
  #last = "";
  /** Time that readings took and that has not been made up for. */
  #owedMs = 0;
  #owedAtMs = -Infinity;

  constructor(options: PacedExpositionOptions) {
    this.#options = options;
  }

  /** The text as it is; as it was, where readings have taken {@linkcode LIMITS.expositionBurstMs} more than their share. */
  read(): Promise<string> {
    if (this.#reading !== undefined) return this.#reading;
    const nowMs = this.#options.nowMs();
    const madeUpMs = (nowMs - this.#owedAtMs) / LIMITS.expositionTimeDivisor;
    this.#owedMs = Math.max(0, this.#owedMs - madeUpMs);
    this.#owedAtMs = nowMs;
    if (this.#owedMs > LIMITS.expositionBurstMs) return Promise.resolve(this.#last);
    return this.#reading = this.#readAnew(nowMs).finally(() => this.#reading = undefined);
  }

  async #readAnew(startedMs: number): Promise<string> {
    const text = await this.#options.read();
    this.#owedAtMs = this.#options.nowMs();
    this.#owedMs += this.#owedAtMs - startedMs;
    return this.#last = text;
  }
}
