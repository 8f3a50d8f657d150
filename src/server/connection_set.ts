/**
 * The connections of a listener: a bounded number, looked at from time to time for what has taken too long.
 * @module
 */

import type { CoarseClock } from "../lib/coarse_clock.ts";
import { LIMITS } from "../limits.ts";

/** A connection, as the set sees it. */
export interface Connection {
  /** Nothing has been asked on it yet. */
  readonly isNew: boolean;
  /** Resolves when it has ended; must not reject. */
  run(): Promise<void>;
  /** Ends what has taken too long. */
  check(nowMs: number): void;
  /** Ends it at once. */
  close(): void;
}

/** The connections that are open. */
export class ConnectionSet {
  readonly #clock: CoarseClock;
  readonly #connectionsMax: number;
  readonly #open = new Set<Connection>();
  /** Those that wait for a request, the one that has waited longest first. */
  readonly #waiting = new Set<Connection>();
  /** Those that were answered and throw away what their client still sends, in the order in which they began. */
  readonly #discarding = new Set<Connection>();
  #isFinishing = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #onRoom: (() => void) | undefined;
  readonly #onEmpty: (() => void)[] = [];

  constructor({ clock, connectionsMax }: { clock: CoarseClock; connectionsMax: number }) {
    this.#clock = clock;
    this.#connectionsMax = connectionsMax;
  }

  /** `connection` waits for a request from now on. */
  beginWait(connection: Connection): void {
    this.#waiting.add(connection);
    this.#onRoom?.();
    if (this.#isFinishing) this.#closeWaiting();
  }

  /** Returns whether it had been waiting. */
  endWait(connection: Connection): boolean {
    return this.#waiting.delete(connection);
  }

  /** `connection` was answered and throws away what its client still sends: the longest such makes room for it. */
  beginDiscard(connection: Connection): void {
    this.#discarding.add(connection);
    if (this.#discarding.size <= LIMITS.discardingConnectionsMax) return;
    const [longest] = this.#discarding;
    longest?.close();
  }

  /** Nothing more is thrown away on `connection`. */
  endDiscard(connection: Connection): void {
    this.#discarding.delete(connection);
  }

  /** Runs a connection to its end. */
  async run(connection: Connection): Promise<void> {
    this.#open.add(connection);
    this.#tick();
    await connection.run();
    this.#open.delete(connection);
    this.#onRoom?.();
    if (this.#isFinishing) this.#closeWaiting();
    if (this.#open.size > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  /**
   * Resolves when there is room for another. At the bound, the connection that has waited longest for a request is closed; where all are
   * being answered, nobody is let in until one has ended.
   */
  async makeRoom(): Promise<void> {
    while (this.#open.size >= this.#connectionsMax) {
      const [longest] = this.#waiting;
      longest?.close();
      await new Promise<void>((resolve) => this.#onRoom = resolve);
    }
  }

  /** Closes those that wait for another request; resolves when all others have had their answer. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    this.#closeWaiting();
    await this.ended();
  }

  /** Resolves when every connection has ended by itself. */
  async ended(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  /** One that is new, and whose request may be on its way, has as long as somebody is being answered. */
  #closeWaiting(): void {
    const isOver = this.#waiting.size === this.#open.size;
    for (const connection of this.#waiting) {
      if (isOver || !connection.isNew) connection.close();
    }
  }

  #tick(): void {
    if (this.#ticking !== undefined) return;
    this.#clock.tick();
    this.#ticking = setInterval(() => {
      this.#clock.tick();
      for (const connection of this.#open) connection.check(this.#clock.nowMs);
    }, LIMITS.timerTickMs);
  }
}
