/**
 * Timers for what nearly never happens: deadlines that are called off again, several for every request.
 * @module
 */

import { monotonicMs } from "./clock.ts";

/**
 * One interval for all timers, which fire at its first tick after their time. The wheel stands still while it is empty,
 * and keeps no process alive.
 */
export class TimerWheel {
  readonly #tickMs: number;
  /** By tick since the clock's beginning. */
  readonly #slots = new Map<number, Set<() => void>>();
  #lastTick = 0;
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor({ tickMs }: { tickMs: number }) {
    this.#tickMs = tickMs;
  }

  /** Calls `callback`, which must not throw, at `timeMs` on the monotonic clock or a tick later; the answer calls it off. */
  scheduleAt(timeMs: number, callback: () => void): () => void {
    this.#turn();
    const tick = Math.max(Math.ceil(timeMs / this.#tickMs), this.#lastTick + 1);
    let slot = this.#slots.get(tick);
    if (slot === undefined) this.#slots.set(tick, slot = new Set());
    // Of its own, so that one callback may be scheduled twice.
    const entry = (): void => callback();
    slot.add(entry);
    return () => void slot.delete(entry);
  }

  #turn(): void {
    if (this.#interval !== undefined) return;
    this.#lastTick = this.#now();
    this.#interval = setInterval(() => this.#tick(), this.#tickMs);
    Deno.unrefTimer(this.#interval);
  }

  /** Fires what is due, and stops where nothing is left. */
  #tick(): void {
    for (const now = this.#now(); this.#lastTick < now;) {
      const tick = ++this.#lastTick;
      const due = this.#slots.get(tick);
      this.#slots.delete(tick);
      for (const entry of due ?? []) entry();
    }
    for (const [tick, slot] of this.#slots) {
      if (slot.size === 0) this.#slots.delete(tick);
    }
    if (this.#slots.size > 0) return;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #now(): number {
    return Math.floor(monotonicMs() / this.#tickMs);
  }
}
