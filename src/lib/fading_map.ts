/**
 * Facts that were found out a while ago, and still count as true.
 * @module
 */

import { monotonicMs } from "./clock.ts";

interface Entry<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** A bounded number of entries, each for a bounded time; where there are too many, the one that was set first goes. */
export class FadingMap<Key, Value> {
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** What was set, unless its time is over. */
  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || monotonicMs() < entry.untilMs) return entry?.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Sets it, for a time. */
  set(key: Key, { value, lifetimeMs }: { value: Value; lifetimeMs: number }): void {
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#entriesMax && oldest !== undefined) {
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, untilMs: monotonicMs() + lifetimeMs });
  }
}
