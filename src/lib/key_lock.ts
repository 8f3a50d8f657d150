/**
 * Work on one key at a time, in all threads of the program.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** Runs work on the same key one after the other; hardly any other key waits. */
export class KeyLock {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /**
   * Waits for its turn, runs `work`, and passes its result or error on; `undefined` where its turn has not come within
   * {@linkcode LIMITS.keyLockTimeoutMs}. INVARIANT: `work` takes no other key.
   */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result | undefined> {
    const index = this.#memory.lockOf(key);
    if (!await this.#memory.lock(index, LIMITS.keyLockTimeoutMs)) return undefined;
    try {
      return await work();
    } finally {
      this.#memory.unlock(index);
    }
  }
}
