/**
 * A bound on requests that are answered at one time: each holds memory, and a client can make many.
 * @module
 */

import { giveShareBack, type ShareRefusal, type ShareUser, takeShare } from "../lib/share.ts";
import { networkOf } from "../iam/ip_range.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { S3Error } from "../s3/error.ts";
import type { RawRequest } from "../s3/request.ts";

const REASONS: Readonly<Record<ShareRefusal, string>> = {
  all: "in_flight_requests",
  left: "share_of_requests",
  own: "max_concurrent_requests",
};

/**
 * Counts requests over all threads: those of strangers, and, apart, those of users, from the proof of who
 * sent them to the answer, or where that is streamed to its end.
 */
export class RequestSlots {
  readonly #memory: SharedMemory;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /**
   * Takes one of `slotsMax` slots for a request that has to wait for something before it is known who sent it;
   * the function gives it back, once.
   * @throws {S3Error} `SlowDown` where none is left, or none for this address.
   */
  takeStranger({ clientAddress }: Pick<RawRequest, "clientAddress">, slotsMax: number): () => void {
    const memory = this.#memory;
    const cell = memory.userCell(networkOf(clientAddress));
    const share = { cell, ownMax: undefined, max: slotsMax };
    if (takeShare(memory, { shared: "strangers", share }) !== undefined) {
      throw new S3Error("SlowDown", { reason: "unauthenticated_requests" });
    }
    let held = true;
    return () => {
      if (held) giveShareBack(memory, { shared: "strangers", cell });
      held = false;
    };
  }

  /**
   * Takes one of the `slotsMax` slots of users; the function gives it back.
   * @throws {S3Error} `SlowDown` where none is left, or none for this user.
   */
  take({ name, ownMax }: ShareUser, slotsMax: number): () => void {
    const memory = this.#memory;
    const cell = memory.userCell(name);
    const share = { cell, ownMax, max: slotsMax };
    const refusal = takeShare(memory, { shared: "requests", share });
    if (refusal !== undefined) throw new S3Error("SlowDown", { reason: REASONS[refusal] });
    return () => giveShareBack(memory, { shared: "requests", cell });
  }
}
