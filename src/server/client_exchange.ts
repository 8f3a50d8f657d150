/**
 * One request on a connection, as the rest of the program sees it.
 * @module
 */

import type { RequestHead } from "../http1/request_head.ts";
import { CONTINUE } from "../http1/write_head.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import type { RawRequest } from "../s3/request.ts";
import { ClientBody } from "./client_body.ts";
import type { ConnectionSettings } from "./connection_settings.ts";
import type { IncomingBytes } from "./incoming_bytes.ts";

const CONTINUE_BYTES = encodeUtf8(CONTINUE);

/** Where a request came from. */
export interface RequestOrigin {
  readonly settings: ConnectionSettings;
  readonly incoming: IncomingBytes;
  readonly clientAddress: string;
  readonly socket: Deno.Conn;
}

/** From a request's head to its answer. */
export class ClientExchange {
  readonly raw: RawRequest;
  readonly body: ClientBody | undefined;
  readonly #socket: Deno.Conn;
  #goneReason: unknown;
  #isGone = false;
  /** Made only for whoever asks: most requests are over before. */
  #gone: AbortController | undefined;
  #continued: Promise<unknown> | undefined;
  #isAnswered = false;

  constructor(head: RequestHead, { settings, incoming, clientAddress, socket }: RequestOrigin) {
    this.#socket = socket;
    const { framing, method, target, authority, headers, expectsContinue } = head;
    const { scheme, clock, readTimeoutMs: stallTimeoutMs, minBytesPerSecond } = settings;
    const clientGone = (): AbortSignal => this.#readSignal();
    if (framing.kind === "none") {
      const body = null;
      this.raw = { method, target, authority, scheme, headers, body, clientAddress, clientGone };
      return;
    }
    const body = new ClientBody({
      framing,
      incoming,
      clock,
      stallTimeoutMs,
      minBytesPerSecond,
      onFirstRead: () => expectsContinue && this.#continue(),
      onBroken: (reason) => this.leave(reason),
    });
    this.body = body;
    const bodyRead = body.allRead;
    this.raw = {
      method,
      target,
      authority,
      scheme,
      headers,
      body,
      bodyRead,
      clientAddress,
      clientGone,
    };
  }

  /** The client has closed its side, or its connection broke. */
  hasLeft = false;

  /** It has, and somebody was told: there is no answer to send. One that closes its side only has a small one. */
  get isAbandoned(): boolean {
    return this.hasLeft && (this.#gone !== undefined || this.body !== undefined);
  }

  onClientGone(): void {
    this.hasLeft = true;
    this.leave(new Error("The client has gone"));
  }

  /** The client has gone, or stands still; the first reason counts. */
  leave(reason: unknown): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#goneReason = reason;
    this.#gone?.abort(reason);
    this.body?.break(reason);
  }

  /** From now on the client is not told to go on; resolves when it has been, where it was. */
  async beforeAnswer(): Promise<void> {
    this.#isAnswered = true;
    if (this.#continued !== undefined) await this.#continued;
  }

  /** RFC 9110 §10.1.1: nobody reads a body before its request is authorized. */
  #continue(): void {
    if (this.#isAnswered) return;
    // One that fails has no client any more, which reading tells.
    this.#continued = this.#socket.write(CONTINUE_BYTES).catch(() => {});
  }

  #readSignal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isGone) this.#gone.abort(this.#goneReason);
    return this.#gone.signal;
  }
}
