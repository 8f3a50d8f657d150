/**
 * A bound on one user's uploads that are decoded here at one time: each costs memory and processor time.
 * @module
 */

import type { SharedMemory } from "../lib/shared_memory.ts";
import { S3Error } from "../s3/error.ts";

/** Counts uploads by user, over all threads. */
export class UploadSlots {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /**
   * Takes one of `slotsMax` slots; the function gives it back.
   * @throws {S3Error} `SlowDown` where none is left.
   */
  take(user: string, slotsMax: number): () => void {
    const memory = this.#memory;
    const column = memory.userColumn(memory.userCell(user), "uploads");
    if (!memory.take(column, slotsMax)) {
      throw new S3Error("SlowDown", { reason: "upload_slots" });
    }
    return () => memory.add(column, -1);
  }
}
