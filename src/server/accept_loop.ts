/**
 * Accepts connections for as long as a listener is there. Where one connection fails, or no file descriptor is left for a
 * while (EMFILE), the loop pauses and goes on. Neither `Deno.serve` nor `node:http` does so (2.9.6): the first ends with an
 * error that ends the program, the second never accepts again and says nothing.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "../lib/clock.ts";
import type { Logger } from "../observability/log.ts";

/** What can be accepted from: `Deno.listen` and `Deno.listenTls`. */
export interface Acceptor<Connection> {
  accept(): Promise<Connection>;
}

/**
 * Hands every connection to `accepted`, which must not throw; resolves when the listener is closed. Connections that
 * cannot be accepted wait in the kernel's queue.
 */
export async function acceptConnections<Connection>(
  acceptor: Acceptor<Connection>,
  { accepted, pause }: {
    readonly accepted: (connection: Connection) => void;
    readonly pause: AcceptPause;
  },
): Promise<void> {
  for (;;) {
    try {
      accepted(await acceptor.accept());
    } catch (error) {
      if (isClosed(error)) return;
      await pause.after(error);
    }
  }
}

/** A pause after a failure to accept, told once in {@linkcode LIMITS.acceptPauseToldMs}. */
export class AcceptPause {
  readonly #logger: Logger | undefined;
  readonly #listener: string;
  #toldMs = -Infinity;

  /** `listener` is its name in the log. */
  constructor(logger?: Logger, listener = "") {
    this.#logger = logger;
    this.#listener = listener;
  }

  /** Resolves when it is time to try again. */
  async after(error: unknown): Promise<void> {
    const nowMs = monotonicMs();
    if (nowMs - this.#toldMs >= LIMITS.acceptPauseToldMs) {
      this.#toldMs = nowMs;
      this.#logger?.error("no connection can be accepted for now; accepting pauses and goes on", {
        listener: this.#listener,
        error: String(error),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, LIMITS.acceptPauseMs));
  }
}

/** What `accept()` of a listener rejects with that was closed, before or meanwhile. */
function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
