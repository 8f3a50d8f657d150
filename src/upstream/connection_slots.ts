/**
 * A bound on requests to the backend at one time: Hetzner counts connections per source address.
 * @module
 */

import { S3Error } from "../s3/error.ts";

/** Gives a slot back; calling it again does nothing. */
export type ReleaseSlot = () => void;

/** As many slots as the backend may have connections; who finds none waits in line, for a bounded time. */
export class ConnectionSlots {
  readonly #slotsMax: number;
  readonly #waitTimeoutMs: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor({ slotsMax, waitTimeoutMs }: { slotsMax: number; waitTimeoutMs: number }) {
    this.#slotsMax = slotsMax;
    this.#waitTimeoutMs = waitTimeoutMs;
  }

  /**
   * Takes a slot.
   * @throws {S3Error} `SlowDown` when none came free in time, and at once when as many wait as there are slots.
   */
  async acquire(): Promise<ReleaseSlot> {
    if (this.#taken >= this.#slotsMax) await this.#wait();
    else this.#taken++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#passOn();
    };
  }

  #wait(): Promise<void> {
    if (this.#waiting.size >= this.#slotsMax) return Promise.reject(new S3Error("SlowDown"));
    return new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(take);
        reject(new S3Error("SlowDown"));
      }, this.#waitTimeoutMs);
      this.#waiting.add(take);
    });
  }

  /** INVARIANT: a slot that is passed on stays taken. */
  #passOn(): void {
    const next = this.#waiting.values().next().value;
    if (next === undefined) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
