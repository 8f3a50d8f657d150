/**
 * The only place that reads the time. Stages get a `Date` as an argument.
 * @module
 */

/** Reads the wall clock. Injected, so that tests choose the hour. */
export type Clock = () => Date;

/** The machine's wall clock. */
export function systemClock(): Date {
  return new Date();
}

/** Milliseconds on a clock that never jumps; only differences mean anything. */
export function monotonicMs(): number {
  return performance.now();
}
