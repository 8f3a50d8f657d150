/**
 * The monotonic clock, put forward: for what lasts longer than a test may.
 * @module
 */

/** Until it is disposed of, the clock is ahead by as much as it was put forward. */
export class ShiftedClock implements Disposable {
  readonly #now = performance.now;
  #aheadMs = 0;

  constructor() {
    performance.now = () => this.#now.call(performance) + this.#aheadMs;
  }

  /** Puts it forward. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  [Symbol.dispose](): void {
    performance.now = this.#now;
  }
}
