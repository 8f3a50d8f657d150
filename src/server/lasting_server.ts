/**
 * A `Deno.serve` that goes on listening.
 * @module
 */

import { endsWithin } from "../lib/deadline.ts";
import { LIMITS } from "../limits.ts";
import type { AcceptPause } from "./accept_loop.ts";

/** What `Deno.serve` gives. */
export type Server = Deno.HttpServer<Deno.NetAddr>;

/**
 * A `Deno.serve` stops listening when it cannot accept a connection, as when no file descriptor is left (2.9.6); it goes on with
 * the connections that it has. Then another one listens after a pause, and the one before closes its idle connections.
 */
export class LastingServer {
  readonly port: number;
  readonly #serve: (port: number) => Server;
  readonly #pause: AcceptPause;
  readonly #uploadsFinished: () => Promise<void>;
  readonly #servers = new Set<Server>();
  #isClosing = false;

  constructor(
    serve: (port: number) => Server,
    { port, pause, uploadsFinished }: {
      port: number;
      pause: AcceptPause;
      /** Resolves at a moment when no upload runs. */
      uploadsFinished: () => Promise<void>;
    },
  ) {
    this.#serve = serve;
    this.#pause = pause;
    this.#uploadsFinished = uploadsFinished;
    this.port = this.#listen(port).addr.port;
  }

  /** Resolves when the last response of all of them is out. */
  async shutdown(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#servers].map((server) => this.#end(server)));
  }

  #listen(port: number): Server {
    const server = this.#serve(port);
    this.#servers.add(server);
    server.finished.catch((error) => this.#follow(server, error));
    return server;
  }

  /** `failed` has ended for `reason`. */
  async #follow(failed: Server, reason: unknown): Promise<void> {
    void this.#end(failed);
    for (let isListening = false; !isListening;) {
      await this.#pause.after(reason);
      if (this.#isClosing) return;
      try {
        this.#listen(this.port);
        isListening = true;
      } catch (stillExhausted) {
        reason = stillExhausted;
      }
    }
  }

  async #end(server: Server): Promise<void> {
    // Deno 2.9 makes every body unreadable that is not read by then: https://github.com/denoland/deno/issues/36809.
    await endsWithin(LIMITS.uploadsBeforeShutdownMs, this.#uploadsFinished());
    await server.shutdown().catch(() => {});
    this.#servers.delete(server);
  }
}
