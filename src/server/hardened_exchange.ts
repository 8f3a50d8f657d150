/**
 * One request and its response on `node:http`.
 * @module
 */

import type { ServerResponse } from "node:http";
import { StallTimer } from "../lib/stall_timer.ts";
import { LIMITS } from "../limits.ts";
import type { Answer } from "../respond.ts";
import type { RawRequest } from "../s3/request.ts";
import type { Ending } from "../stages/observe.ts";
import type { CoalescedMessage } from "./coalesced_message.ts";
import { sendResponse } from "./hardened_response.ts";
import { type AnswerRequest, expectsInVain, readRequestLine } from "./listener.ts";
import { RequestBody } from "./request_body.ts";

/** What every exchange of a listener has in common. */
export interface ExchangeSettings {
  readonly scheme: RawRequest["scheme"];
  /** A request's body may stand still for this long; `undefined`: for ever. */
  readonly readTimeoutMs: number | undefined;
  /** The same for a response. */
  readonly writeTimeoutMs: number | undefined;
  readonly answer: AnswerRequest;
  /** Whether the listener is shutting down: then connections end with their response. */
  readonly isClosing: () => boolean;
}

/** What `node:http` gives. */
export interface NodeExchange {
  readonly message: CoalescedMessage;
  readonly outgoing: ServerResponse;
  /** The client holds its body back until it is told to go on. */
  readonly expectsContinue: boolean;
}

/** A request that has come, until its response has gone. */
export class HardenedExchange {
  readonly #message: CoalescedMessage;
  readonly #outgoing: ServerResponse;
  readonly #settings: ExchangeSettings;
  readonly #clientGone = new AbortController();
  readonly #body: RequestBody | undefined;
  /** See {@linkcode expectsInVain}. */
  readonly #expectsInVain: boolean;
  readonly #closed = Promise.withResolvers<void>();
  /** Whether the client left before the end of the response. */
  #isGone = false;

  constructor(
    { message, outgoing, expectsContinue }: NodeExchange,
    settings: ExchangeSettings,
  ) {
    this.#message = message;
    this.#outgoing = outgoing;
    this.#settings = settings;
    const ignore = (): void => {}; // "close" follows every error
    message.on("error", ignore);
    outgoing.on("error", ignore);
    outgoing.once("close", () => this.close());
    this.#expectsInVain = expectsInVain((name) => message.headers[name]);
    if (hasBody(message)) {
      this.#body = new RequestBody(message, {
        stallTimeoutMs: settings.readTimeoutMs,
        onFirstRead: () => expectsContinue && !outgoing.headersSent && outgoing.writeContinue(),
        onBroken: (reason) => this.#clientGone.abort(reason),
      });
    }
  }

  /** Answers; resolves when the response has gone, or the client. */
  async run(): Promise<void> {
    const raw = this.#readRequest();
    if (raw === undefined) {
      this.#outgoing.writeHead(400, ["content-length", "0", "connection", "close"]).end();
      return;
    }
    const { answer, ended } = await this.#settings.answer(raw);
    const unread = this.#body?.isRead === false ? this.#body : undefined;
    const discarded = unread?.discard();
    ended(await this.#send(answer, unread !== undefined));
    await discarded;
    this.#outgoing.end();
    const timer = setTimeout(() => this.#outgoing.destroy(), LIMITS.discardedBodyTimeoutMs);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  /** The response has gone, or the connection has. */
  close(): void {
    this.#isGone = !this.#outgoing.writableFinished;
    if (this.#isGone) this.#clientGone.abort();
    this.#closed.resolve();
  }

  /** The body's framing made no sense. */
  breakBody(error: Error): void {
    if (this.#body === undefined || this.#body.isRead) this.#outgoing.destroy();
    else this.#body.breakFraming(error);
  }

  async #send(answer: Answer, closes: boolean): Promise<Ending> {
    const outgoing = this.#outgoing;
    const { isClosing, writeTimeoutMs } = this.#settings;
    let waitsForBackend = true;
    let hasBackendStalled = false;
    const stall = new StallTimer({
      timeoutMs: writeTimeoutMs,
      onStall: () => {
        hasBackendStalled = waitsForBackend;
        outgoing.destroy();
      },
    });
    const progress = (of: { backend: boolean }): void => {
      waitsForBackend = of.backend;
      stall.progress();
    };
    const isKept = await sendResponse(answer, {
      outgoing,
      method: this.#message.method ?? "",
      closes: closes || isClosing() || this.#expectsInVain,
      isGone: () => this.#isGone,
      onRead: () => progress({ backend: false }),
      onWritten: () => progress({ backend: true }),
    });
    // While the rest of a request is thrown away, the response counts as sent once it was written.
    if (!closes) outgoing.end();
    if (!closes || outgoing.destroyed) await this.#closed.promise;
    stall.stop();
    if (!isKept || hasBackendStalled) return "backend_closed";
    return this.#isGone ? "client_closed" : "complete";
  }

  /** `undefined` for more headers than anybody sends; Node would drop some of those beyond 1000. */
  #readRequest(): RawRequest | undefined {
    const { rawHeaders, method = "", url = "", socket: { remoteAddress } } = this.#message;
    if (rawHeaders.length > 2 * LIMITS.headersMax || remoteAddress === undefined) return undefined;
    const headers = mergeHeaders(rawHeaders);
    const body = this.#body;
    return {
      ...readRequestLine(url, headers.get("host")),
      method,
      scheme: this.#settings.scheme,
      headers,
      body: body?.stream ?? null,
      ...(body === undefined
        ? {}
        : { bodyRead: body.allRead, freeBodyPieces: () => body.freePieces() }),
      clientAddress: remoteAddress,
      clientGone: () => this.#clientGone.signal,
    };
  }
}

function hasBody({ headers }: CoalescedMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** Headers that occur twice become one, as `Deno.serve` has it: `a, b`. Two hosts so make none that is valid. */
function mergeHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const value = raw[at + 1] ?? "";
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
