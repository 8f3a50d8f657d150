/**
 * One request on a connection, as the rest of the program sees it.
 * @module
 */

import type { ClientSocket } from "./client_socket.ts";
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
  readonly socket: ClientSocket;
}

/** From a request's head to its answer. */
export class ClientExchange implements RawRequest {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly scheme: RawRequest["scheme"];
  readonly headers: RequestHead["headers"];
  readonly body: ClientBody | null;
  readonly bodyRead: Promise<void> | undefined;
  readonly clientAddress: string;
  readonly #socket: ClientSocket;
  #goneReason: unknown;
  #isGone = false;
  /** Made only for whoever asks: most requests are over before. */
  #gone: AbortController | undefined;
  #continued: Promise<unknown> | undefined;
  #isAnswered = false;

  constructor(head: RequestHead, { settings, incoming, clientAddress, socket }: RequestOrigin) {
    this.#socket = socket;
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    this.scheme = settings.scheme;
    this.headers = head.headers;
    this.clientAddress = clientAddress;
    const { framing, expectsContinue } = head;
    this.body = framing.kind === "none" ? null : new ClientBody({
      framing,
      incoming,
      clock: settings.clock,
      stallTimeoutMs: settings.readTimeoutMs,
      minBytesPerSecond: settings.minBytesPerSecond,
      onFirstRead: () => expectsContinue && this.#continue(),
      onBroken: (reason) => this.leave(reason),
    });
    this.bodyRead = this.body?.allRead;
  }

  /** The client has closed its side, or its connection broke. */
  hasLeft = false;

  /**
   * The client has left, and the handler was told or the request had a body: no answer is sent. A client that has only closed
   * its sending side still gets a small answer.
   */
  get isAbandoned(): boolean {
    return this.hasLeft && (this.#gone !== undefined || this.body !== null);
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

  /** From now on no `100 Continue` is sent. What is returned resolves when one that is on its way has been. */
  beforeAnswer(): Promise<unknown> | undefined {
    this.#isAnswered = true;
    return this.#continued;
  }

  /** RFC 9110 §10.1.1: nobody reads a body before its request is authorized. */
  #continue(): void {
    if (this.#isAnswered) return;
    // A write that fails means that the client has left, and reading its body will say so.
    this.#continued = this.#socket.write(CONTINUE_BYTES).catch(() => {});
  }

  clientGone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isGone) this.#gone.abort(this.#goneReason);
    return this.#gone.signal;
  }
}
