/**
 * How late timers fire: the one figure that tells that JavaScript is the bottleneck.
 * @module
 */

import { monotonicMs } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";

/** The largest lag of the last 30 to 60 seconds. */
export class EventLoopLag {
  #expectedMs: number | undefined;
  #samples = 0;
  #maxSeconds = 0;
  #previousMaxSeconds = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Starts sampling; {@linkcode stop} ends it. */
  start(nowMs: () => number = monotonicMs): void {
    this.observe(nowMs());
    this.#timer = setInterval(() => this.observe(nowMs()), LIMITS.eventLoopLagIntervalMs);
  }

  /** Ends sampling. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes the time at which a timer of {@linkcode LIMITS.eventLoopLagIntervalMs} fired. */
  observe(nowMs: number): void {
    const lagMs = nowMs - (this.#expectedMs ?? nowMs);
    this.#expectedMs = nowMs + LIMITS.eventLoopLagIntervalMs;
    this.#maxSeconds = Math.max(this.#maxSeconds, lagMs / 1000);
    if (++this.#samples % LIMITS.eventLoopLagWindowSamples === 0) {
      this.#previousMaxSeconds = this.#maxSeconds;
      this.#maxSeconds = 0;
    }
  }

  /** Largest lag in seconds; reading it changes nothing, so any number of scrapers see the same. */
  maxSeconds(): number {
    return Math.max(this.#maxSeconds, this.#previousMaxSeconds);
  }
}
