/**
 * A bound on requests to the backend at one time: Hetzner counts connections per source address.
 * @module
 */

import { monotonicMs } from "../lib/clock.ts";
import { COLUMNS, type SharedMemory } from "../lib/shared_memory.ts";
import { S3Error } from "../s3/error.ts";

/** Gives a slot back; calling it again does nothing. */
export type ReleaseSlot = () => void;

/** What {@linkcode ConnectionSlots} needs. */
export interface ConnectionSlotsOptions {
  /** Of all threads together. */
  readonly slotsMax: number;
  readonly waitTimeoutMs: number;
  readonly memory: SharedMemory;
}

/**
 * As many slots as the backend may have connections; who finds none waits in line, behind those of other threads too,
 * for a bounded time.
 */
export class ConnectionSlots {
  readonly #slotsMax: number;
  readonly #waitTimeoutMs: number;
  readonly #memory: SharedMemory;

  constructor({ slotsMax, waitTimeoutMs, memory }: ConnectionSlotsOptions) {
    this.#slotsMax = slotsMax;
    this.#waitTimeoutMs = waitTimeoutMs;
    this.#memory = memory;
  }

  /** Takes a slot that is free now, if there is one. */
  tryAcquire(): ReleaseSlot | undefined {
    // Who waits comes first: what is left for a newcomer are the slots that nobody waits for.
    const waiting = this.#memory.sum(COLUMNS.connectionsWaiting);
    return this.#take(this.#slotsMax - waiting) ? this.#hold() : undefined;
  }

  /**
   * Takes a slot, once one is free.
   * @throws {S3Error} `SlowDown` when none came free in time, and at once when as many wait as there are slots.
   */
  async acquire(): Promise<ReleaseSlot> {
    const seen = this.#memory.releases();
    const release = this.tryAcquire();
    if (release !== undefined) return release;
    await this.#wait(seen);
    return this.#hold();
  }

  #hold(): ReleaseSlot {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#memory.add(COLUMNS.connections, -1);
      this.#memory.announceRelease();
    };
  }

  #take(slotsMax: number): boolean {
    return this.#memory.take(COLUMNS.connections, slotsMax);
  }

  async #wait(releasesSeen: number): Promise<void> {
    if (!this.#memory.take(COLUMNS.connectionsWaiting, this.#slotsMax)) {
      throw new S3Error("SlowDown");
    }
    const deadlineMs = monotonicMs() + this.#waitTimeoutMs;
    try {
      for (let seen = releasesSeen;;) {
        const leftMs = deadlineMs - monotonicMs();
        if (leftMs <= 0) throw new S3Error("SlowDown");
        await this.#memory.releasedSince(seen, leftMs);
        seen = this.#memory.releases();
        if (this.#take(this.#slotsMax)) return;
      }
    } finally {
      this.#memory.add(COLUMNS.connectionsWaiting, -1);
    }
  }
}
