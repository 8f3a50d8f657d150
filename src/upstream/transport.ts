/**
 * The one place that sends. Every default of `fetch` that could change a request or a response is spelled out here.
 *
 * `fetch` sends a request again, unasked, where a connection that was used before closes without an answer, even after
 * the backend has read all of it: the first one may have been carried out. That is right for requests without a body
 * that may be repeated (RFC 9110 §9.2.2). A stream is never sent again, so every body is one; a request that may not be
 * repeated and has no body gets a connection of its own.
 * @module
 */

import { type BodySource, openByteStream } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import type { BackendResponse } from "./backend_response.ts";

/** A body whose length `fetch` keeps. */
export type TransportBody =
  /**
   * A request's body of `bytes` bytes as the listener gave it: it passes without touching JavaScript, its Content-Length
   * kept.
   */
  | {
    readonly kind: "untouched";
    readonly stream: BodySource;
    readonly bytes: number;
  }
  /** A stream made here, of exactly `bytes` bytes; if it ends early or fails, the request is broken off. */
  | {
    readonly kind: "sized";
    readonly stream: BodySource;
    readonly bytes: number;
  }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "none" };

/** A signed request. */
export interface TransportRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: TransportBody;
}

/** Connections to one backend. */
export interface Transport {
  /** Sends `request` and resolves with the response's head; rejects with what `fetch` does. */
  send(request: TransportRequest, signal: AbortSignal): Promise<BackendResponse>;
  /** Whether the backend accepts a connection within `timeoutMs`. */
  isReachable(timeoutMs: number): Promise<boolean>;
  /** Drops idle connections. */
  close(): void;
}

/** How to connect. */
export interface TransportOptions {
  readonly endpoint: Readonly<URL>;
  /** PEM certificates trusted beside the system's. */
  readonly caCertificates: readonly string[];
  /** PEM client certificate. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  readonly idleConnectionTimeoutMs: number;
  readonly maxIdleConnections: number;
  /** `user-agent` of every request. */
  readonly userAgent: string;
}

/** Opens a pool to one backend. */
export function createTransport(options: TransportOptions): Transport {
  const createClient = (maxIdleConnections: number): Deno.HttpClient =>
    Deno.createHttpClient({
      http1: true,
      http2: false,
      poolIdleTimeout: options.idleConnectionTimeoutMs,
      poolMaxIdlePerHost: maxIdleConnections,
      caCerts: [...options.caCertificates],
      ...options.clientCertificate,
    });
  const client = createClient(options.maxIdleConnections);
  const unpooled = createClient(0);
  const defaults: Readonly<Record<string, string>> = {
    // Exactly this, else `fetch` decompresses the response and keeps its old length.
    "accept-encoding": "identity",
    "accept": "*/*",
    "accept-language": "*",
    "user-agent": options.userAgent,
  };
  return {
    send: async ({ method, url, headers, body }, signal) => {
      // `fetch` would leave the rejection of a body that has failed, too, to nobody, which ends the program (2.9.6).
      signal.throwIfAborted();
      return await fetch(url, {
        client: body.kind === "none" && !isRepeatable({ method, headers }) ? unpooled : client,
        method,
        headers: Object.assign(Object.fromEntries(headers), defaults), // a record: see serve_listener.ts
        body: buildFetchBody(body),
        redirect: "manual",
        signal,
      });
    },
    isReachable: (timeoutMs) => isReachable(options.endpoint, timeoutMs),
    close: () => {
      client.close();
      unpooled.close();
    },
  };
}

/** Whether doing it twice is like doing it once: POST is not, nor a write that must not find an object. */
function isRepeatable({ method, headers }: Pick<TransportRequest, "method" | "headers">): boolean {
  return method !== "POST" && !(method === "PUT" && headers.has("if-none-match"));
}

function buildFetchBody(body: TransportBody): BodyInit | null {
  switch (body.kind) {
    case "untouched":
      return body.bytes > LIMITS.heldBodyBytesMax && body.stream instanceof ReadableStream
        ? body.stream
        : buildSizedBody(body.stream, body.bytes);
    case "sized":
      return buildSizedBody(body.stream, body.bytes);
    case "bytes":
      return buildSizedBody(new Blob([body.bytes]).stream(), body.bytes.length);
    case "none":
      return null;
  }
}

/** A size of 0 would go out chunked, which RGW answers with 411. */
function buildSizedBody(body: BodySource, bytes: number): BodyInit | null {
  if (bytes === 0) return null;
  const pieceBytes = Math.min(bytes, LIMITS.bodyPieceBytesMax);
  return new SizedBody(openByteStream(body, { pieceBytes }), bytes);
}

/**
 * A stream with a length: `fetch` sends any other stream chunked, and an early end of it would look complete to the
 * backend. It relies on `fetch` asking a Blob for `size` and `stream()`; a contract test holds the wire bytes to it.
 */
class SizedBody extends Blob {
  readonly #stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #bytes: number;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, bytes: number) {
    super();
    this.#stream = stream;
    this.#bytes = bytes;
  }

  override get size(): number {
    return this.#bytes;
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#stream;
  }
}

/** Whether `endpoint` accepts a connection within `timeoutMs`. */
export async function isReachable(
  endpoint: Readonly<URL>,
  timeoutMs: number,
): Promise<boolean> {
  const port = Number(endpoint.port) || (endpoint.protocol === "https:" ? 443 : 80);
  const hostname = endpoint.hostname.replace(/^\[(.*)\]$/, "$1");
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    const connection = await Deno.connect({ hostname, port, signal: controller.signal });
    connection.close();
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
