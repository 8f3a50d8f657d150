/**
 * A backend on raw TCP or TLS: it records what really arrives on the wire and answers as a script
 * tells it.
 * @module
 */

import { beforeDeadline } from "./deadline.ts";
import { Gate } from "./gate.ts";
import type { Header } from "./signer.ts";
import {
  type BodyEnd,
  closeQuietly,
  type Framing,
  type Head,
  headerValues,
  joinBytes,
  toBytes,
  WireReader,
  writeAll,
} from "./wire.ts";

/**
 * What the backend does with one request: it reads, then sends, then keeps or closes the
 * connection.
 */
export interface Answer {
  /**
   * How much of the request's body is read before anything is sent; by default all of it. With a
   * gate, reading stops after that many bytes until the test opens it. Where nothing is read, the
   * connection serves no further request.
   */
  readonly read?: "whole" | "nothing" | { readonly pauseAfterBytes: number; readonly gate: Gate };
  /**
   * Bytes (texts are latin1) in pieces; a gate stalls until the test opens it. By default an empty
   * 200.
   */
  readonly send?: readonly (string | Uint8Array | Gate)[];
  /** Close after sending: with `send: []` that is before any head. */
  readonly close?: boolean;
}

/**
 * Decides on an answer as soon as the head is there. What it throws, the backend's disposal throws
 * again.
 */
export type Respond = (request: RecordedRequest) => Answer | Promise<Answer>;

/** One request as it came over the wire. */
export class RecordedRequest implements Head {
  readonly startLine: string;
  readonly method: string;
  /** Raw, byte for byte. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly headerLines: readonly string[];
  readonly framing: Framing;
  readonly trailers: Header[] = [];
  /** Bytes of the body, without framing, that have arrived. */
  bodyBytes = 0;
  /** When the body was read to its end, or broke off. */
  readonly bodyEnd: Promise<BodyEnd>;
  /** When the backend saw the connection end; while it reads nothing, it cannot see that. */
  readonly connectionClosed: Promise<void>;
  readonly #endBody: (end: BodyEnd) => void;
  readonly #pieces: Uint8Array[] | undefined;

  constructor(
    { startLine, headers, headerLines }: Head,
    { connectionClosed, keepBody }: { connectionClosed: Promise<void>; keepBody: boolean },
  ) {
    const [method = "", target = ""] = startLine.split(" ");
    const { promise, resolve } = Promise.withResolvers<BodyEnd>();
    this.startLine = startLine;
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.headerLines = headerLines;
    this.framing = requestFraming(headers);
    this.bodyEnd = promise;
    this.#endBody = resolve;
    this.connectionClosed = connectionClosed;
    this.#pieces = keepBody ? [] : undefined;
  }

  /** The body's bytes, without framing, that have arrived. */
  get body(): Uint8Array {
    if (this.#pieces === undefined) throw new Error("This backend was told to keep no bodies");
    return joinBytes(this.#pieces);
  }

  /** The only value of a header, whatever its case; fails where there are several. */
  header(name: string): string | undefined {
    const [value, ...others] = headerValues(this, name);
    if (others.length > 0) throw new Error(`"${name}" was sent ${others.length + 1} times`);
    return value;
  }

  /** Reads the body off the connection. */
  async readBody(
    reader: WireReader,
    pause?: { bytes: number; until: Promise<void> },
  ): Promise<BodyEnd> {
    const contentLength = Number(headerValues(this, "content-length")[0] ?? 0);
    const end = await reader.readBody({ framing: this.framing, contentLength }, {
      push: async (piece) => {
        this.bodyBytes += piece.length;
        this.#pieces?.push(piece);
        if (pause !== undefined && this.bodyBytes >= pause.bytes) await pause.until;
      },
      trailer: (trailer) => this.trailers.push(trailer),
    });
    this.#endBody(end);
    return end;
  }

  /** The connection is gone: no more of the body will come. */
  breakOff(): void {
    this.#endBody("broken"); // without effect where it has ended
  }
}

/** A response's bytes; Content-Length is added unless `headers` says how the body ends, and a 200 has an ETag. */
export function formatResponse(
  { status = 200, headers = [], body = "" }: {
    status?: number;
    headers?: readonly Header[];
    body?: string | Uint8Array;
  } = {},
): Uint8Array {
  const bytes = toBytes(body);
  const framed = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const bodiless = status < 200 || status === 204 || status === 304;
  const length: Header[] = framed || bodiless ? [] : [["Content-Length", String(bytes.length)]];
  const eTag: Header[] = status !== 200 || headers.some(([name]) => /^etag$/i.test(name))
    ? []
    : [["ETag", '"stored"']];
  const lines = [...headers, ...eTag, ...length].map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  return joinBytes([`HTTP/1.1 ${status} Scripted\r\n${lines}\r\n`, bytes]);
}

/** How a backend listens and what it keeps. */
export interface BackendOptions {
  readonly tls?: { readonly cert: string; readonly key: string };
  /** `false` for bodies too large to keep: only their bytes are counted. */
  readonly keepBodies?: boolean;
}

/** Listens on 127.0.0.1, on a port the system chooses. */
export function startRecordingBackend(
  respond: Respond = () => ({}),
  options: BackendOptions = {},
): RecordingBackend {
  return new RecordingBackend(respond, options);
}

/** A running backend; disposal closes all it has opened. */
export class RecordingBackend implements AsyncDisposable {
  /** Every request whose head arrived, in that order. */
  readonly requests: RecordedRequest[] = [];
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #respond: Respond;
  readonly #keepBodies: boolean;
  readonly #open = new Map<Deno.Conn, PromiseWithResolvers<void>>();
  readonly #tasks: Promise<void>[] = [];
  readonly #failures: unknown[] = [];
  #connections = 0;
  #requestsTaken = 0;
  #arrival = Promise.withResolvers<void>();

  constructor(respond: Respond, { tls, keepBodies = true }: BackendOptions) {
    const address = { hostname: "127.0.0.1", port: 0 };
    const listener = tls === undefined
      ? Deno.listen(address)
      : Deno.listenTls({ ...address, ...tls });
    this.#listener = listener;
    this.port = listener.addr.port;
    this.#respond = respond;
    this.#keepBodies = keepBodies;
    this.#tasks.push(this.#accept());
  }

  /** Connections accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Connections open now. */
  get openConnections(): number {
    return this.#open.size;
  }

  /**
   * The next request that no earlier call has answered with; waits for its head, not for its body.
   */
  async nextRequest(): Promise<RecordedRequest> {
    const index = this.#requestsTaken++;
    for (;;) {
      const request = this.requests[index];
      if (request !== undefined) return request;
      await beforeDeadline(this.#arrival.promise, `request ${index + 1} at the backend`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open.keys()) this.#close(connection);
    await Promise.all(this.#tasks);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #accept(): Promise<void> {
    try {
      for (;;) {
        const connection = await this.#listener.accept();
        this.#connections++;
        this.#open.set(connection, Promise.withResolvers<void>());
        this.#tasks.push(this.#serve(connection));
      }
    } catch (error) {
      const closed = error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted;
      if (!closed) this.#failures.push(error);
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const closed = this.#open.get(connection)?.promise ?? Promise.resolve();
    const reader = new WireReader(connection);
    try {
      for (;;) {
        const head = await reader.readHead();
        if (head === undefined) break;
        const request = new RecordedRequest(head, {
          connectionClosed: closed,
          keepBody: this.#keepBodies,
        });
        closed.then(() => request.breakOff());
        this.requests.push(request);
        this.#arrival.resolve();
        this.#arrival = Promise.withResolvers<void>();
        const answer = await this.#respond(request);
        if (!await this.#answer(request, { answer, connection, reader })) break;
      }
    } catch (error) {
      this.#failures.push(error);
    } finally {
      this.#close(connection);
    }
  }

  /** Reads and sends what the script says; whether the connection can serve another request. */
  async #answer(
    request: RecordedRequest,
    { answer, connection, reader }: { answer: Answer; connection: Deno.Conn; reader: WireReader },
  ): Promise<boolean> {
    const { read = "whole", send = [formatResponse()], close = false } = answer;
    const closed = request.connectionClosed;
    if (read !== "nothing") {
      const pause = read === "whole" ? undefined : {
        bytes: read.pauseAfterBytes,
        until: Promise.race([read.gate.opened, closed]),
      };
      if (await request.readBody(reader, pause) === "broken") return false;
      // A peer that leaves while it is being answered is seen at once.
      reader.hasMore().then((more) => more || this.#close(connection));
    }
    for (const piece of send) {
      if (piece instanceof Gate) await Promise.race([piece.opened, closed]);
      else if (!await writeAll(connection, toBytes(piece))) return false;
    }
    if (read === "nothing" && !close) await closed;
    return !close && read !== "nothing";
  }

  #close(connection: Deno.Conn): void {
    this.#open.get(connection)?.resolve();
    this.#open.delete(connection);
    closeQuietly(connection);
  }
}

/** RFC 9112 §6.3, for requests. */
function requestFraming(headers: readonly Header[]): Framing {
  const [encoding] = headerValues({ headers }, "transfer-encoding").slice(-1);
  if (encoding !== undefined) {
    return /(?:^|,)\s*chunked$/i.test(encoding) ? "chunked" : "until-close";
  }
  return headerValues({ headers }, "content-length").length > 0 ? "content-length" : "none";
}
