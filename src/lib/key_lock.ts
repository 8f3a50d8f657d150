/**
 * One at a time, by key, in all threads of the program.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { hashToCell, type SharedMemory } from "./shared_memory.ts";

/** Runs work on the same key one after the other; hardly any other key waits. */
export class KeyLock {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Waits for its turn, runs `work`, and passes its result or error on. INVARIANT: `work` takes no other key. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const index = hashToCell(key, LIMITS.keyLockCells);
    await this.#memory.lock(index);
    try {
      return await work();
    } finally {
      this.#memory.unlock(index);
    }
  }
}
