/**
 * A bound on requests to the backend at one time: Hetzner counts connections per source address.
 * @module
 */

import { FairLine } from "../lib/fair_line.ts";
import { giveShareBack, type Share, type ShareUser } from "../lib/share.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { S3Error } from "../s3/error.ts";

/** Gives a slot back; calling it again does nothing. */
export type ReleaseSlot = () => void;

/** What {@linkcode ConnectionSlots} needs. */
export interface ConnectionSlotsOptions {
  /** Of all threads together. */
  readonly slotsMax: number;
  readonly waitTimeoutMs: number;
  readonly memory: SharedMemory;
  /** This thread's; it outlives a reload, as those who wait in it do. Default: one of its own. */
  readonly line?: FairLine;
}

/**
 * As many slots as the backend may have connections; who finds none waits for a bounded time, in a line of all threads
 * that is served round robin by user.
 */
export class ConnectionSlots {
  readonly #slotsMax: number;
  readonly #waitTimeoutMs: number;
  readonly #memory: SharedMemory;
  readonly #line: FairLine;

  constructor(
    { slotsMax, waitTimeoutMs, memory, line = new FairLine(memory) }: ConnectionSlotsOptions,
  ) {
    this.#slotsMax = slotsMax;
    this.#waitTimeoutMs = waitTimeoutMs;
    this.#memory = memory;
    this.#line = line;
  }

  /** Takes a slot that is free now, if there is one for `user`. */
  tryAcquire(user: ShareUser): ReleaseSlot | undefined {
    const share = this.#share(user);
    return this.#line.tryTake(share) ? this.#hold(share) : undefined;
  }

  /**
   * Takes a slot, once one is free for `user`.
   * @throws {S3Error} `SlowDown` when none came free in time, and at once when as many requests of the user wait as there
   *   are slots.
   */
  async acquire(user: ShareUser): Promise<ReleaseSlot> {
    const release = this.tryAcquire(user);
    if (release !== undefined) return release;
    const share = this.#share(user);
    const isLineFull = this.#line.waiting(share.cell) >= this.#slotsMax;
    if (isLineFull || !await this.#line.take(share, this.#waitTimeoutMs)) {
      throw new S3Error("SlowDown", { reason: "connections" });
    }
    return this.#hold(share);
  }

  #share({ name, ownMax }: ShareUser): Share {
    return { cell: this.#memory.userCell(name), ownMax, max: this.#slotsMax };
  }

  #hold({ cell }: Share): ReleaseSlot {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      giveShareBack(this.#memory, { shared: "connections", cell });
      this.#line.serve();
    };
  }
}
