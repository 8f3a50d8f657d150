/**
 * A bound on requests that are answered at one time: each holds memory, and a client can make many.
 * @module
 */

import { COLUMNS, type SharedMemory } from "../lib/shared_memory.ts";
import { S3Error } from "../s3/error.ts";

/** Counts requests from their head to the end of their response, over all threads. */
export class RequestSlots {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /**
   * Takes one of `slotsMax` slots; the function gives it back.
   * @throws {S3Error} `SlowDown` where none is left.
   */
  take(slotsMax: number): () => void {
    if (!this.#memory.take(COLUMNS.requests, slotsMax)) {
      throw new S3Error("SlowDown", { reason: "in_flight_requests" });
    }
    return () => this.#memory.add(COLUMNS.requests, -1);
  }
}
