/**
 * A bound on requests that are answered at one time: each holds memory, and a client can make many.
 * @module
 */

import { S3Error } from "../s3/error.ts";

/** Counts requests from their head to the end of their response. */
export class RequestSlots {
  #taken = 0;

  /**
   * Takes one of `slotsMax` slots; the function gives it back.
   * @throws {S3Error} `SlowDown` where none is left.
   */
  take(slotsMax: number): () => void {
    if (this.#taken >= slotsMax) throw new S3Error("SlowDown", { reason: "in_flight_requests" });
    this.#taken++;
    return () => void this.#taken--;
  }
}
