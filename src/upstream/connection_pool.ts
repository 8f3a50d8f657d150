/**
 * The connections to one backend, of one thread.
 * @module
 */

import { monotonicMs } from "../lib/clock.ts";
import { TimerWheel } from "../lib/timer_wheel.ts";
import { LIMITS } from "../limits.ts";
import { BackendConnection, type ConnectionKeeper } from "./backend_connection.ts";

/** What {@linkcode ConnectionPool} needs. */
export interface ConnectionPoolOptions {
  readonly idleTimeoutMs: number;
  readonly idleConnectionsMax: number;
  /** See {@linkcode BackendConnection.closeIfStalled}. */
  readonly stallTimeoutMs: number | undefined;
}

const wheel = new TimerWheel({ tickMs: LIMITS.timerTickMs });

/** Keeps idle connections for a while, and sees to it that none stands still for ever. */
export class ConnectionPool implements ConnectionKeeper {
  readonly #options: ConnectionPoolOptions;
  readonly #all = new Set<BackendConnection>();
  /** The longest idle first. */
  #idle: BackendConnection[] = [];
  #isClosed = false;
  #cancelSweep: (() => void) | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** The connection that was used last, if it has been idle for no longer than `idleMsMax`; it is in use now. */
  take(idleMsMax: number): BackendConnection | undefined {
    const last = this.#idle.at(-1);
    if (last === undefined || monotonicMs() - last.idleSinceMs > idleMsMax) return undefined;
    this.#idle.pop();
    last.begin();
    return last;
  }

  /** Takes a new connection in, which is in use. */
  add(socket: Deno.Conn): BackendConnection {
    const connection = new BackendConnection(socket, this);
    this.#all.add(connection);
    connection.begin();
    this.#cancelSweep ??= this.#scheduleSweep();
    return connection;
  }

  /** Ends idle connections, and all others when their exchange has. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle) connection.close();
  }

  onIdle(connection: BackendConnection): void {
    if (this.#isClosed || this.#idle.length >= this.#options.idleConnectionsMax) connection.close();
    else this.#idle.push(connection);
  }

  onClosed(connection: BackendConnection): void {
    this.#all.delete(connection);
    this.#idle = this.#idle.filter((other) => other !== connection);
    if (this.#all.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #scheduleSweep(): () => void {
    return wheel.scheduleAt(monotonicMs() + LIMITS.connectionSweepMs, () => this.#sweep());
  }

  #sweep(): void {
    const { idleTimeoutMs, stallTimeoutMs: timeoutMs } = this.#options;
    const nowMs = monotonicMs();
    this.#cancelSweep = this.#scheduleSweep();
    for (const connection of this.#idle) {
      if (nowMs - connection.idleSinceMs > idleTimeoutMs) connection.close();
    }
    if (timeoutMs === undefined) return;
    for (const connection of this.#all) connection.closeIfStalled({ nowMs, timeoutMs });
  }
}
