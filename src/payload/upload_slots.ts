/**
 * A bound on one user's uploads that are decoded here at one time: each costs memory and processor time.
 * @module
 */

import { COLUMNS, hashToCell, type SharedMemory } from "../lib/shared_memory.ts";
import { LIMITS } from "../limits.ts";
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
    const column = COLUMNS.uploads + hashToCell(user, LIMITS.uploadCells);
    if (!this.#memory.take(column, slotsMax)) {
      throw new S3Error("SlowDown", { reason: "upload_slots" });
    }
    return () => this.#memory.add(column, -1);
  }
}
