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

/** Long work that stops now and then, and is told to go on. */
export type Steps<Result> = Generator<undefined, Result>;

/** Does it at once. */
export function runWhole<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Long works, one at a time: what each holds while it runs, only one holds. */
export class WorkQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `steps` when it is their turn, and lets others have theirs between two of them. */
  run<Result>(steps: () => Steps<Result>): Promise<Result> {
    const result = this.#last.then(() => runInTurns(steps()));
    this.#last = result.catch(() => {});
    return result;
  }
}

async function runInTurns<Result>(steps: Steps<Result>): Promise<Result> {
  const turns = new Turns();
  for (;;) {
    const { done, value } = turns.work(() => steps.next());
    if (done === true) return value;
    await turns.breathe();
  }
}

/** Resolves in another turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
