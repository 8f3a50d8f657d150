/**
 * One at a time, by key.
 * @module
 */

/** Runs work on the same key one after the other, in the order it came; other keys do not wait. */
export class KeyLock {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for its turn, runs `work`, and passes its result or error on. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const turn = Promise.withResolvers<void>();
    this.#last.set(key, turn.promise);
    try {
      await before;
      return await work();
    } finally {
      turn.resolve();
      if (this.#last.get(key) === turn.promise) this.#last.delete(key);
    }
  }
}
