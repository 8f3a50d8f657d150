/**
 * One client's connection: its requests, one after the other. What a client pipelines is done in order, so that it may
 * depend on what came before (RFC 9112 §9.3.2); it waits where it is, mostly in the kernel.
 * @module
 */

import { HeadWatch } from "../http1/head_watch.ts";
import { BrokenRule, RULES } from "../http1/refusals.ts";
import { readRequestHead, type RequestHead } from "../http1/request_head.ts";
import { LIMITS } from "../limits.ts";
import { AnswerSender } from "./answer_sender.ts";
import type { ClientBody } from "./client_body.ts";
import type { ClientSocket } from "./client_socket.ts";
import { ClientExchange } from "./client_exchange.ts";
import type { Connection } from "./connection_set.ts";
import type { ConnectionSettings } from "./connection_settings.ts";
import { IncomingBytes } from "./incoming_bytes.ts";
import { expectsInVain } from "./listener.ts";
import { answerBrokenRule, answerLateHead } from "./refused_head.ts";

/** A connection, from its first byte to its end. */
export class ClientConnection implements Connection {
  readonly #socket: ClientSocket;
  readonly #settings: ConnectionSettings;
  readonly #clientAddress: string;
  readonly #incoming: IncomingBytes;
  readonly #sender: AnswerSender;
  readonly #watch = new HeadWatch();
  #exchange: ClientExchange | undefined;
  /** When a head, or what is still thrown away of a body, has taken too long. */
  #deadlineMs = Infinity;
  /** When what goes out beside an answer has taken too long: its client reads nothing. */
  #writeDeadlineMs = Infinity;
  #isWaiting = false;
  /** Nothing has been asked on it yet. */
  isNew = true;
  #isClosed = false;
  /** Requests in a row that were there before the answer to the one before them was out. */
  #piledUp = 0;

  constructor(
    { socket, clientAddress }: { socket: ClientSocket; clientAddress: string },
    settings: ConnectionSettings,
  ) {
    this.#socket = socket;
    this.#settings = settings;
    this.#clientAddress = clientAddress;
    this.#incoming = new IncomingBytes(socket, () => this.#onClientGone());
    const { pieces, clock, writeTimeoutMs: stallTimeoutMs, minBytesPerSecond } = settings;
    const close = (): void => this.close();
    this.#sender = new AnswerSender({
      socket,
      pieces,
      clock,
      stallTimeoutMs,
      minBytesPerSecond,
      close,
    });
  }

  /** Answers request after request; resolves when the connection has ended. Never rejects. */
  async run(): Promise<void> {
    try {
      if (!await this.#shakeHands()) return;
      for (;;) {
        const waiting = this.#takeHead();
        this.#piledUp = waiting === undefined ? 0 : this.#piledUp + 1;
        const head = waiting ?? await this.#waitForHead();
        if (head === undefined || !await this.#answer(head)) break;
      }
    } catch (error) {
      if (error instanceof BrokenRule) await this.#refuse(error);
      else this.#report(error);
    } finally {
      this.close();
    }
  }

  /** Ends it at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settings.connections.endWait(this);
    this.#settings.connections.endDiscard(this);
    this.#socket.close();
  }

  /** Ends what has taken too long. */
  check(nowMs: number): void {
    if (nowMs >= this.#writeDeadlineMs) this.close();
    if (nowMs >= this.#deadlineMs) this.#onLate();
    this.#exchange?.body?.check(nowMs);
    this.#sender.check(nowMs);
  }

  /** Finishes TLS's handshake; resolves with whether it did, in time: until then the connection waits for a request. */
  async #shakeHands(): Promise<boolean> {
    if (this.#socket.handshake === undefined) return true;
    const { clock, connections, heads, headTimeoutMs } = this.#settings;
    connections.beginWait(this);
    heads.hold(this, LIMITS.tlsReadBytes);
    this.#deadlineMs = clock.after(headTimeoutMs);
    try {
      await this.#socket.handshake();
      return !this.#isClosed;
    } catch {
      return false; // the client has gone, speaks no TLS, or took too long
    } finally {
      connections.endWait(this);
      heads.release(this);
      this.#deadlineMs = Infinity;
    }
  }

  /** The next head, where it is there. */
  #takeHead(): RequestHead | undefined {
    const { bytes, start, end } = this.#incoming;
    if (start === end || !this.#watch.isWorthReading(bytes, { start, end })) return undefined;
    const { maxHeaderBytes: bytesMax } = this.#settings;
    const head = readRequestHead(bytes, { start, end, bytesMax });
    if (head === undefined) return undefined;
    this.#watch.reset();
    this.#incoming.start = head.end;
    return head;
  }

  /** `undefined` where none comes. */
  async #waitForHead(): Promise<RequestHead | undefined> {
    const { clock, connections, heads, headTimeoutMs, idleTimeoutMs, maxHeaderBytes } =
      this.#settings;
    const incoming = this.#incoming;
    this.#isWaiting = true;
    connections.beginWait(this);
    this.#deadlineMs = clock.after(
      this.isNew || incoming.length > 0 ? headTimeoutMs : idleTimeoutMs,
    );
    try {
      while (!incoming.isEnded && !this.#isClosed) {
        const isHeadBegun = incoming.length > 0;
        incoming.grow(maxHeaderBytes);
        if (incoming.bytes.length > LIMITS.idleReadBytes) heads.hold(this, incoming.bytes.length);
        await incoming.more();
        const head = this.#takeHead();
        if (head !== undefined) return head;
        if (!isHeadBegun) this.#deadlineMs = clock.after(headTimeoutMs);
      }
      return undefined;
    } finally {
      connections.endWait(this);
      heads.release(this);
      this.#isWaiting = false;
      this.isNew = false;
      this.#deadlineMs = Infinity;
    }
  }

  /** Returns whether another request may follow. */
  async #answer(head: RequestHead): Promise<boolean> {
    const exchange = new ClientExchange(head, {
      settings: this.#settings,
      incoming: this.#incoming,
      clientAddress: this.#clientAddress,
      socket: this.#socket,
    });
    this.#exchange = exchange;
    this.#incoming.watch();
    const { answer, ended } = await this.#settings.answer(exchange);
    const { body } = exchange;
    const isUnread = body !== null && !body.isRead;
    const closes = isUnread || !head.keepsAlive || this.#settings.isClosing() ||
      this.#piledUp >= LIMITS.pipelinedRequestsMax ||
      expectsInVain((name) => head.headers.get(name));
    const continued = exchange.beforeAnswer();
    if (continued !== undefined) {
      this.#writeDeadlineMs = this.#settings.clock.after(this.#settings.headTimeoutMs);
      await continued;
      this.#writeDeadlineMs = Infinity;
    }
    const ending = await this.#sender.send(answer, {
      method: head.method,
      minorVersion: head.minorVersion,
      closes,
      isGone: exchange.hasLeft,
      isAbandoned: exchange.isAbandoned,
    });
    this.#exchange = undefined;
    ended(ending);
    if (ending !== "complete") return false;
    if (isUnread) await this.#linger(body);
    return !closes;
  }

  /** Many clients look at the answer only after they have sent a whole part. */
  async #linger(body: ClientBody): Promise<void> {
    this.#deadlineMs = this.#settings.clock.after(LIMITS.discardedBodyTimeoutMs);
    this.#settings.connections.beginDiscard(this);
    // A connection that breaks from here on has been answered already.
    const { pieces } = this.#settings;
    await body.discard({ pieces, isWanted: () => !this.#isClosed }).catch(() => {});
  }

  #onClientGone(): void {
    this.#exchange?.onClientGone();
    if (!this.#isClosed) this.#sender.leave();
  }

  /** A connection that has sent nothing is closed without an answer. */
  #onLate(): void {
    const isHead = this.#isWaiting && this.#incoming.length > 0;
    this.#deadlineMs = Infinity;
    if (!isHead) this.close();
    else void this.#write(answerLateHead()).finally(() => this.close());
  }

  async #refuse(error: BrokenRule): Promise<void> {
    const { logger } = this.#settings;
    logger?.info("a request that is not valid HTTP was refused", {
      client_ip: this.#clientAddress,
      reason: error.rule,
      rule: RULES[error.rule].section,
    });
    await this.#write(answerBrokenRule(error));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#writeDeadlineMs = this.#settings.clock.after(this.#settings.headTimeoutMs);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#socket.write(bytes.subarray(at));
    } catch {
      // The client has gone, or the time is over.
    } finally {
      this.#writeDeadlineMs = Infinity;
    }
  }

  #report(error: unknown): void {
    // The error of a socket that broke or was closed needs no log line.
    const { BadResource, Interrupted } = Deno.errors;
    const isOfSocket = this.#isClosed || this.#incoming.isEnded ||
      error instanceof BadResource || error instanceof Interrupted;
    if (!isOfSocket) this.#settings.logger?.error("unexpected error", { error: String(error) });
  }
}
