/**
 * One connection to the backend: a request out, a response in, one after the other. A read is always waiting, also while the
 * connection is idle, so the backend's closing, or bytes that nobody asked for, are noticed at once and end the connection.
 * @module
 */

import { HeadWatch } from "../http1/head_watch.ts";
import { readResponseHead, type ResponseHead } from "../http1/response_head.ts";
import { writeLatin1 } from "../lib/bytes.ts";
import { monotonicMs } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { closeQuietly } from "./connect.ts";
import type { Closable } from "./transport.ts";

/** The backend ended a connection before it answered a byte. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

/** Who keeps connections. */
export interface ConnectionKeeper {
  /** It can take another request. */
  onIdle(connection: BackendConnection): void;
  /** It is no more. */
  onClosed(connection: BackendConnection): void;
}

/** A head, and a small document behind it, go out in one write. */
const OUTGOING_BYTES = 2048;

/** One use of a connection. */
class ConnectionUse implements Closable {
  readonly #connection: BackendConnection;
  readonly #use: number;

  constructor(connection: BackendConnection, use: number) {
    this.#connection = connection;
    this.#use = use;
  }

  close(): void {
    this.#connection.closeUse(this.#use);
  }
}

/** A connection, idle at first. */
export class BackendConnection {
  readonly #socket: Deno.Conn;
  readonly #keeper: ConnectionKeeper;
  readonly #watch = new HeadWatch();
  #outgoing = new Uint8Array(OUTGOING_BYTES);
  /** What has come and was not read yet lies from `#start` to before `#end`. */
  #incoming = new Uint8Array(LIMITS.responseReadBytes);
  #start = 0;
  #end = 0;
  /** Into {@linkcode #incoming}, from its beginning. */
  #waitingRead: Promise<number | null> | undefined;
  #state: "idle" | "busy" | "closed" = "idle";
  /** How often the connection was taken into use. */
  #uses = 0;
  #failure: S3Error | undefined;
  /** Since when the reader of a body has been waiting for the backend. */
  #waitsSinceMs = Infinity;
  /** On the monotonic clock. */
  idleSinceMs = 0;

  constructor(socket: Deno.Conn, keeper: ConnectionKeeper) {
    this.#socket = socket;
    this.#keeper = keeper;
    this.#listen();
  }

  /** Takes the connection into use; the caller then calls {@linkcode finish} or {@linkcode close}. */
  begin(): void {
    this.#state = "busy";
    this.#uses++;
  }

  /** Closes the connection while this use lasts, and does nothing afterwards, when it would break off another request. */
  currentUse(): Closable {
    return new ConnectionUse(this, this.#uses);
  }

  /** Closes it if it is still in its `use`th use. */
  closeUse(use: number): void {
    if (this.#state === "busy" && this.#uses === use) this.close();
  }

  /**
   * Sends a request's head, one character a byte, and what goes out together with it. A failure is not reported here, because
   * the backend may have answered before it hung up, and that answer can still be read.
   */
  async sendHead(head: string, body?: Uint8Array): Promise<void> {
    const isLong = body !== undefined && head.length + body.length > LIMITS.wholeResponseBytesMax;
    const first = this.#lay(head, isLong ? undefined : body);
    this.#waitsSinceMs = monotonicMs();
    try {
      const written = await this.#socket.write(first);
      if (written < first.length) await this.write(first.subarray(written));
      if (isLong) await this.write(body);
    } catch {
      // Reading tells.
    }
    this.#waitsSinceMs = Infinity;
  }

  /** Puts them one behind the other. */
  #lay(head: string, body: Uint8Array | undefined): Uint8Array {
    const bytes = head.length + (body?.length ?? 0);
    if (bytes > this.#outgoing.length) this.#outgoing = new Uint8Array(bytes);
    writeLatin1(head, { bytes: this.#outgoing, at: 0 });
    if (body !== undefined) this.#outgoing.set(body, head.length);
    return this.#outgoing.subarray(0, bytes);
  }

  /** Sends all of `bytes`, which are the caller's again when it settles. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#waitsSinceMs = monotonicMs();
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#socket.write(at === 0 ? bytes : bytes.subarray(at));
      }
    } finally {
      this.#waitsSinceMs = Infinity;
    }
  }

  /**
   * Reads the head of the response to a request with `method`; those before it that announce nothing are dropped.
   * Rejects with {@linkcode ConnectionEnded}, and with `BrokenRule` for what is no head.
   */
  async readHead(method: string): Promise<ResponseHead> {
    this.#watch.reset();
    for (let dropped = 0; dropped <= LIMITS.informationalResponsesMax;) {
      const span = { start: this.#start, end: this.#end };
      const head = this.#watch.isWorthReading(this.#incoming, span)
        ? readResponseHead(this.#incoming, {
          ...span,
          bytesMax: LIMITS.responseHeadBytesMax,
          method,
        })
        : undefined;
      if (head === undefined) {
        let length: number | null;
        try {
          length = await this.#readMore();
        } catch (cause) {
          throw this.#failure ?? this.#describeEnd(cause);
        }
        if (length === null) throw this.#describeEnd();
        this.#end += length;
        continue;
      }
      this.#start = head.end;
      if (head.status >= 200) return head;
      dropped++;
      this.#watch.reset();
    }
    throw new Error("The backend announces a response and never gives it");
  }

  /** What has come behind a head and was not read yet. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Reads as much of that as fits into the start of `into`. */
  takeBuffered(into: Uint8Array): number {
    const length = Math.min(this.bufferedBytes, into.length);
    into.set(this.#incoming.subarray(this.#start, this.#start + length));
    this.#start += length;
    return length;
  }

  /** Reads what comes behind a head into the start of `into`; 0 where the backend ended the connection. */
  async readBody(into: Uint8Array): Promise<number> {
    if (this.bufferedBytes > 0) return this.takeBuffered(into);
    this.#waitsSinceMs = monotonicMs();
    try {
      return await this.#socket.read(into) ?? 0;
    } catch (cause) {
      throw this.#failure ?? cause;
    } finally {
      this.#waitsSinceMs = Infinity;
    }
  }

  /** The response has been read to its end. If more bytes have come, the backend and this program disagree on where that end was. */
  finish({ keepsAlive }: { keepsAlive: boolean }): void {
    if (this.#state === "closed") return;
    if (!keepsAlive || this.#start < this.#end) return this.close();
    this.#state = "idle";
    this.#listen();
    this.#keeper.onIdle(this);
  }

  /** Ends it, whatever it does; what waits for it rejects. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    closeQuietly(this.#socket);
    this.#keeper.onClosed(this);
  }

  /** Ends it where a body has waited for the backend for longer than `timeoutMs`. */
  closeIfStalled({ nowMs, timeoutMs }: { nowMs: number; timeoutMs: number }): void {
    if (nowMs - this.#waitsSinceMs <= timeoutMs) return;
    this.#failure = new S3Error("GatewayTimeout", { reason: "backend_stalled" });
    this.close();
  }

  #listen(): void {
    if (this.#incoming.length > LIMITS.responseReadBytes) {
      this.#incoming = new Uint8Array(LIMITS.responseReadBytes);
    }
    this.#start = 0;
    this.#end = 0;
    this.idleSinceMs = monotonicMs();
    const reading = this.#waitingRead = this.#socket.read(this.#incoming);
    reading.then(this.#onHeard, this.#onHeard);
  }

  readonly #onHeard = (): void => {
    if (this.#state === "idle") this.close();
  };

  /** Reads more of a head, behind what has come of it. */
  #readMore(): Promise<number | null> {
    if (this.#end === this.#incoming.length) this.#makeRoom();
    const reading = this.#waitingRead ?? this.#socket.read(this.#incoming.subarray(this.#end));
    this.#waitingRead = undefined;
    return reading;
  }

  #describeEnd(cause?: unknown): Error {
    return this.#end === 0
      ? new ConnectionEnded("The backend ended a connection without an answer", { cause })
      : new Error("The backend ended a connection inside a response's head", { cause });
  }

  #makeRoom(): void {
    const unread = this.#incoming.subarray(this.#start, this.#end);
    // A head that needs it is rare; no more than its bound is ever asked for.
    this.#incoming = new Uint8Array(LIMITS.responseHeadBytesMax);
    this.#incoming.set(unread);
    this.#start = 0;
    this.#end = unread.length;
  }
}
