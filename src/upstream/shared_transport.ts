/**
 * A pool of connections that outlives a reload for as long as somebody uses it.
 * @module
 */

import type { PiecePool } from "../lib/piece_pool.ts";
import { createTransport } from "./create_transport.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/** A transport with its users counted; closed when it is retired and the last of them has gone. */
export class SharedTransport {
  readonly transport: Transport;
  readonly #settings: string;
  #users = 0;
  #isRetired = false;

  /** Opens a pool; `pieces` are as in {@linkcode createTransport}. Throws a `TypeError` for certificates that cannot be used. */
  constructor(options: TransportOptions, pieces?: PiecePool) {
    this.transport = createTransport(options, pieces);
    this.#settings = JSON.stringify(options);
  }

  /** Whether a pool with these options would be the same. */
  fits(options: TransportOptions): boolean {
    return this.#settings === JSON.stringify(options);
  }

  /** Counts a user; the function, to be called once, ends its use. */
  use(): () => void {
    this.#users++;
    return () => {
      this.#users--;
      this.#closeIfUnused();
    };
  }

  /** Nobody new will come. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#isRetired && this.#users === 0) this.transport.close();
  }
}
