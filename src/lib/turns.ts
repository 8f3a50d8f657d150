/**
 * Long work in steps, with turns of the event loop between them: others are served meanwhile.
 * @module
 */

import { RoundRobin } from "./round_robin.ts";
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

/** Long pieces of work, one at a time, so that only one of them holds its memory; users take turns. */
export class WorkQueue {
  readonly #waiting = new RoundRobin<() => Promise<unknown>>();
  #isWorking = false;

  /** Does `steps` when it is the turn of `user`, and lets others have theirs between two of them. */
  run<Result>(user: string, steps: () => Steps<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(user, () => runInTurns(steps).then(resolve, reject));
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      await work();
    }
    this.#isWorking = false;
  }
}

async function runInTurns<Result>(begin: () => Steps<Result>): Promise<Result> {
  const steps = begin();
  for (;;) {
    const { done, value } = await THREAD_TURNS.step(() => steps.next());
    if (done === true) return value;
  }
}
