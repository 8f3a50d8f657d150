/**
 * One client's connection: its requests, one after the other.
 * @module
 */

import type { Socket } from "node:net";
import { LIMITS } from "../limits.ts";
import { type ExchangeSettings, HardenedExchange, type NodeExchange } from "./hardened_exchange.ts";

/** What the connections of a listener have in common. */
export interface ConnectionSettings extends ExchangeSettings {
  /** Called when every request of a connection is answered. */
  readonly onIdle: () => void;
}

/** RFC 9112 §9.3.2: what a client pipelines is done in order, so that it may depend on what came before. */
export class HardenedConnection {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #waiting: NodeExchange[] = [];
  #current: HardenedExchange | undefined;

  constructor(socket: Socket, settings: ConnectionSettings) {
    this.#socket = socket;
    this.#settings = settings;
    // A response that never got the socket has no "close" of its own.
    socket.once("close", () => this.#current?.close());
  }

  /** A request has come. */
  add(exchange: NodeExchange): void {
    if (this.#waiting.length >= LIMITS.pipelinedRequestsMax) {
      this.#drop();
      return;
    }
    this.#waiting.push(exchange);
    if (this.#current === undefined) void this.#run();
  }

  /** What came is no HTTP, or a head that stands still; returns whether a request is there, which answers or ends. */
  breakBody(error: NodeJS.ErrnoException): boolean {
    if (this.#current === undefined) return false;
    // Behind a request that is being answered; Node would say so every second.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") this.#socket.destroy();
    else this.#current.breakBody(error);
    return true;
  }

  /** Destroying the socket leaves what was read with it to the parser, which makes 2500 requests of 64 KiB, 45 µs each. */
  #drop(): void {
    // No type has it: Node's and Deno's servers keep their parser there.
    const { parser } = this.#socket as Socket & { parser?: { onIncoming?: () => number } };
    if (parser) parser.onIncoming = () => 0;
    this.#socket.destroy();
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      // RFC 9112 §9.6: what comes behind a last response is not looked at.
      if (!this.#socket.writable) return;
      this.#current = new HardenedExchange(next, this.#settings);
      await this.#current.run();
      this.#current = undefined;
    }
    this.#settings.onIdle();
  }
}
