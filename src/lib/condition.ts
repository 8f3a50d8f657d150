/**
 * Waiting until something is so.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "./clock.ts";
import { endsWithin } from "./deadline.ts";

/** Code that changes something announces it, and code that waits looks again. */
export class Condition {
  #change = Promise.withResolvers<void>();

  /** Something has changed. */
  announce(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }

  /** Resolves once `isSo`, or after `timeoutMs`. */
  async until(isSo: () => boolean, timeoutMs: number = LIMITS.durationMsMax): Promise<void> {
    const deadlineMs = monotonicMs() + timeoutMs;
    while (!isSo()) {
      if (!await endsWithin(deadlineMs - monotonicMs(), this.#change.promise)) return;
    }
  }
}
