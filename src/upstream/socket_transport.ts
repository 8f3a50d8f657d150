/**
 * The way to the backend on sockets of our own: it sends exactly what was signed, and reads answers as strictly as
 * src/http1/ does.
 *
 * There is one rule of repetition. A connection that was idle may be ended by the backend in the moment in which a request
 * is sent on it. A GET or HEAD that meets this, before a byte of an answer, is sent once more, on a new connection
 * (RFC 9110 §9.2.2). No other request is ever repeated. It goes by a connection that was in use within
 * {@linkcode LIMITS.freshConnectionMs}, or a new one.
 * @module
 */

import { BrokenRule } from "../http1/refusals.ts";
import type { ResponseHead } from "../http1/response_head.ts";
import { formatFields, formatRequestHead } from "../http1/write_head.ts";
import { openSource } from "../lib/byte_source.ts";
import { PiecePool } from "../lib/piece_pool.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { BackendBody } from "./backend_body.ts";
import { type BackendConnection, ConnectionEnded } from "./backend_connection.ts";
import type { BackendHeaders, BackendResponse } from "./backend_response.ts";
import { Connector } from "./connect.ts";
import { ConnectionPool } from "./connection_pool.ts";
import type { Transport, TransportCall, TransportOptions, TransportRequest } from "./transport.ts";
import { Upload } from "./upload.ts";

/** Opens a pool to one backend. */
export function createSocketTransport(
  options: TransportOptions,
  pieces: PiecePool = new PiecePool(),
): Transport {
  return new SocketTransport(options, pieces);
}

class SocketTransport implements Transport {
  /** The lines of the fields that every request has. */
  readonly #ownFields: string;
  readonly #connector: Connector;
  readonly #pool: ConnectionPool;
  readonly #pieces: PiecePool;

  constructor(options: TransportOptions, pieces: PiecePool) {
    this.#pieces = pieces;
    this.#ownFields = formatFields([
      ["host", options.endpoint.host],
      ["user-agent", options.userAgent],
      ["accept-encoding", "identity"],
    ]);
    this.#connector = new Connector(options);
    this.#pool = new ConnectionPool({
      idleTimeoutMs: options.idleConnectionTimeoutMs,
      idleConnectionsMax: options.maxIdleConnections,
      stallTimeoutMs: options.stallTimeoutMs,
    });
  }

  async send(request: TransportRequest, call: TransportCall): Promise<BackendResponse> {
    const isRepeatable = request.method === "GET" || request.method === "HEAD";
    const used = this.#pool.take(isRepeatable ? Infinity : LIMITS.freshConnectionMs);
    if (used !== undefined) {
      try {
        return await this.#exchange(used, { request, call });
      } catch (error) {
        if (!isRepeatable || !(error instanceof ConnectionEnded)) throw error;
      }
    }
    return await this.#exchange(await this.#open(call), { request, call });
  }

  close(): void {
    this.#pool.close();
  }

  async #open(call: TransportCall): Promise<BackendConnection> {
    const controller = new AbortController();
    call.closeWhenBroken({ close: () => controller.abort() });
    try {
      return this.#pool.add(await this.#connector.connect(controller.signal));
    } catch (cause) {
      throw new S3Error("ServiceUnavailable", { cause });
    }
  }

  async #exchange(
    connection: BackendConnection,
    { request, call }: { request: TransportRequest; call: TransportCall },
  ): Promise<BackendResponse> {
    call.connected();
    call.closeWhenBroken(connection.currentUse());
    const { method, body: sent } = request;
    try {
      const text = formatRequestHead(request, this.#formatFields(request));
      await connection.sendHead(text, sent.kind === "bytes" ? sent.bytes : undefined);
      let head: ResponseHead;
      if (sent.kind === "none" || sent.kind === "bytes") {
        call.sent();
        head = await connection.readHead(method);
      } else {
        const source = openSource(sent.stream);
        const pieces = this.#pieces;
        const upload = new Upload({ source, bytes: sent.bytes, connection, pieces });
        head = await readAnswer(connection, { method, upload, call });
      }
      const { status, headers: fields, framing, keepsAlive } = head;
      const headers = new HeaderMap(fields);
      if (framing.kind !== "none") {
        return { status, headers, body: new BackendBody(connection, head) };
      }
      connection.finish({ keepsAlive });
      return { status, headers, body: null };
    } catch (error) {
      connection.close();
      if (!(error instanceof BrokenRule)) throw error;
      throw new S3Error("BadGateway", { cause: error, reason: `response_${error.rule}` });
    }
  }

  #formatFields({ method, headers, body }: TransportRequest): string {
    const bytes = body.kind === "none" ? 0 : body.kind === "bytes" ? body.bytes.length : body.bytes;
    // RFC 9110 §8.6: a method that means a body says that there is none.
    const hasLength = bytes > 0 || method === "PUT" || method === "POST";
    const length = hasLength ? formatFields([["content-length", String(bytes)]]) : "";
    return this.#ownFields + length + formatFields(headers);
  }
}

/**
 * Reads the answer while the body is sent. An answer that comes before the body's end stops the sending; that
 * an upload was a success it cannot say.
 */
async function readAnswer(
  connection: BackendConnection,
  { method, upload, call }: { method: string; upload: Upload; call: TransportCall },
): Promise<ResponseHead> {
  const sending = upload.run().then(() => upload.isSent && call.sent());
  let head: ResponseHead;
  try {
    head = await connection.readHead(method);
  } catch (error) {
    upload.stop();
    throw upload.failure ?? error;
  }
  if (upload.isSent) return head;
  upload.stop();
  if (head.status < 300) {
    await sending; // the last bytes may be on their way
    if (!upload.isSent) {
      throw upload.failure ??
        new S3Error("BadGateway", { reason: "backend_answered_before_the_body" });
    }
    return head;
  }
  return { ...head, keepsAlive: false };
}

/** A head's fields, as the runtime has them. */
class HeaderMap implements BackendHeaders {
  readonly #fields: ReadonlyMap<string, string>;

  constructor(fields: ReadonlyMap<string, string>) {
    this.#fields = fields;
  }

  get(name: string): string | null {
    return this.#fields.get(name) ?? null;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  forEach(callback: (value: string, name: string) => void): void {
    this.#fields.forEach(callback);
  }
}
