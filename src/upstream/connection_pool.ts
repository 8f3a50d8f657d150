/**
 * The connections to one backend, of one thread.
 * @module
 */

import { monotonicMs } from "../lib/clock.ts";
import { NOWHERE } from "../lib/live_set.ts";
import { Watch, type Watched } from "../lib/watch.ts";
import { LIMITS } from "../limits.ts";
import { BackendConnection, type ConnectionKeeper } from "./backend_connection.ts";

/** What {@linkcode ConnectionPool} needs. */
export interface ConnectionPoolOptions {
  readonly idleTimeoutMs: number;
  readonly idleConnectionsMax: number;
  /** See {@linkcode BackendConnection.closeIfStalled}. */
  readonly stallTimeoutMs: number | undefined;
}

const watch = new Watch({ tickMs: LIMITS.connectionSweepMs });

/** Keeps idle connections for a while, and sees to it that none stands still for ever. */
export class ConnectionPool implements ConnectionKeeper, Watched {
  place = NOWHERE;
  readonly #options: ConnectionPoolOptions;
  readonly #all = new Set<BackendConnection>();
  /** The longest idle first. */
  #idle: BackendConnection[] = [];
  #isClosed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** The connection that was used last, if it has been idle for no longer than `idleMsMax`; it is in use now. */
  take(idleMsMax: number): BackendConnection | undefined {
    const last = this.#idle.at(-1);
    if (last === undefined) return undefined;
    // Reading the clock is a step out of JavaScript.
    if (idleMsMax < Infinity && monotonicMs() - last.idleSinceMs > idleMsMax) return undefined;
    this.#idle.pop();
    last.begin();
    return last;
  }

  /** Takes a new connection in, which is in use. */
  add(socket: Deno.Conn): BackendConnection {
    const connection = new BackendConnection(socket, this);
    this.#all.add(connection);
    connection.begin();
    if (this.#all.size === 1) watch.add(this);
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
    if (this.#all.size === 0) watch.delete(this);
  }

  /** Ends what has been idle, or stood still, for too long. */
  check(nowMs: number): void {
    const { idleTimeoutMs, stallTimeoutMs: timeoutMs } = this.#options;
    for (const connection of this.#idle) {
      if (nowMs - connection.idleSinceMs > idleTimeoutMs) connection.close();
    }
    if (timeoutMs === undefined) return;
    for (const connection of this.#all) connection.closeIfStalled({ nowMs, timeoutMs });
  }
}
