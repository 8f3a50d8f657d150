/**
 * Long work in steps, with turns of the event loop between them: others are served meanwhile.
 * @module
 */

import { THREAD_TURNS } from "./turn_gate.ts";

/** Long work that stops now and then, and goes on when it is told to. */
export type Steps<Result> = Generator<undefined, Result>;

/** Does it at once. */
export function runWhole<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Long pieces of work, one at a time, so that only one of them holds its memory. */
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
  for (;;) {
    const { done, value } = await THREAD_TURNS.step(() => steps.next());
    if (done === true) return value;
  }
}
