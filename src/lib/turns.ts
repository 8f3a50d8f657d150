/**
 * Long work in slices, with a turn of the event loop between two of them: others are served meanwhile.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "./clock.ts";

/** One piece of long work, done step by step. */
export class Turns {
  #workedMs = 0;

  /** Does one step, which is short. */
  work<Result>(step: () => Result): Result {
    const startedMs = monotonicMs();
    try {
      return step();
    } finally {
      this.#workedMs += monotonicMs() - startedMs;
    }
  }

  /** To be awaited between steps: once they have taken {@linkcode LIMITS.workSliceMs}, others have their turn. */
  async breathe(): Promise<void> {
    if (this.#workedMs < LIMITS.workSliceMs) return;
    this.#workedMs = 0;
    await nextTurn();
  }
}

/** Resolves in another turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
