/**
 * The way to the backend by `fetch`, whose bodies pass without touching JavaScript. Every default of `fetch` that could
 * change a request or a response is spelled out here.
 *
 * `fetch` sends a request again, unasked, where a connection that was used before closes without an answer, even after
 * the backend has read all of it: the first one may have been carried out. That is right for requests without a body
 * that may be repeated (RFC 9110 §9.2.2). A stream is never sent again, so every body is one; a request that may not be
 * repeated and has no body gets a connection of its own.
 * @module
 */

import { type BodySource, openByteStream } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import { buildFetchUrl } from "./target.ts";
import {
  isRepeatable,
  type Transport,
  type TransportBody,
  type TransportOptions,
} from "./transport.ts";

/** Opens a pool to one backend. */
export function createFetchTransport(options: TransportOptions): Transport {
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
    // Exactly this value: with any other `fetch` decompresses the response and keeps its old length.
    "accept-encoding": "identity",
    "accept": "*/*",
    "accept-language": "*",
    "user-agent": options.userAgent,
  };
  return {
    send: async (request, call) => {
      const { method, target, headers, body } = request;
      const controller = new AbortController();
      const { signal } = controller;
      call.connectsUnseen();
      call.closeWhenBroken({ close: () => controller.abort() });
      // Where the body fails, too, `fetch` leaves its rejection unhandled, which would end the program (2.9.6).
      signal.throwIfAborted();
      return await fetch(buildFetchUrl(options.endpoint, target), {
        client: body.kind === "none" && !isRepeatable(request) ? unpooled : client,
        method,
        headers: Object.assign(Object.fromEntries(headers), defaults), // a record: see serve_listener.ts
        body: buildFetchBody(body),
        redirect: "manual",
        signal,
      });
    },
    close: () => {
      client.close();
      unpooled.close();
    },
  };
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
