/**
 * Whether the backend was there lately: what a load balancer wants to know before it sends requests here.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** What {@linkcode Reachability} needs. */
export interface ReachabilityOptions {
  /** Whether the backend accepts a connection now. */
  readonly probe: () => Promise<boolean>;
  readonly nowMs: () => number;
}

/** Remembers when the backend was last seen; it looks only when asked, and then not too often. */
export class Reachability {
  readonly #probe: () => Promise<boolean>;
  readonly #nowMs: () => number;
  #lookedMs = -Infinity;
  #seenMs = -Infinity;
  #looking: Promise<void> | undefined;

  constructor({ probe, nowMs }: ReachabilityOptions) {
    this.#probe = probe;
    this.#nowMs = nowMs;
  }

  /**
   * Whether it was seen within {@linkcode LIMITS.backendSilenceMsMax}. Looks if the last look was more than
   * {@linkcode LIMITS.readinessProbeIntervalMs} ago.
   */
  async wasSeenLately(): Promise<boolean> {
    if (this.#nowMs() - this.#lookedMs >= LIMITS.readinessProbeIntervalMs) {
      await (this.#looking ??= this.#look().finally(() => this.#looking = undefined));
    }
    return this.#nowMs() - this.#seenMs <= LIMITS.backendSilenceMsMax;
  }

  async #look(): Promise<void> {
    const isThere = await this.#probe();
    this.#lookedMs = this.#nowMs();
    if (isThere) this.#seenMs = this.#lookedMs;
  }
}
