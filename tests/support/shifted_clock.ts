/**
 * The monotonic clock, put forward: for what lasts longer than a test may.
 * @module
 */

const read = performance.now.bind(performance);
let aheadMs = 0;
performance.now = () => read() + aheadMs;

/** Puts it forward. It stays there, for all tests of the process: a clock that goes back is none that a program has to live with. */
export function advanceMonotonicClock(ms: number): void {
  aheadMs += ms;
}
