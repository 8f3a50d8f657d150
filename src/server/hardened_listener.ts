/**
 * The listener for clients that connect directly, on `node:http`: it bounds the time and size of a head, idle
 * connections, standstills in both directions, and what it holds of either. HTTP/1.1 only. Every body passes through
 * JavaScript, which large transfers pay for; see README.md.
 * @module
 */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { LIMITS } from "../limits.ts";
import { type ExchangeSettings, HardenedExchange, type NodeExchange } from "./hardened_exchange.ts";
import type { AnswerRequest, Listener, ListenerOptions } from "./listener.ts";

/** What {@linkcode createHardenedListener} takes; `undefined` is no timeout. */
export interface HardenedListenerOptions extends ListenerOptions {
  /** Of one request's head; one above is answered with 431. */
  readonly maxHeaderBytes: number;
  readonly readTimeoutMs: number | undefined;
  readonly writeTimeoutMs: number | undefined;
  /** Between two requests. */
  readonly idleTimeoutMs: number | undefined;
}

/** Starts listening. Rejects with Node's error where it cannot. */
export async function createHardenedListener(
  options: HardenedListenerOptions,
  answer: AnswerRequest,
): Promise<Listener> {
  const { hostname, port, tls, reusePort = false, readTimeoutMs, writeTimeoutMs } = options;
  const server = createNodeServer(options);
  let isClosing = false;
  const exchanges = new Exchanges({
    scheme: tls === undefined ? "http" : "https",
    readTimeoutMs,
    writeTimeoutMs,
    answer,
    isClosing: () => isClosing,
  }, () => isClosing && server.closeIdleConnections());
  server.on("request", (message, outgoing) => {
    exchanges.add({ message, outgoing, expectsContinue: false });
  });
  server.on("checkContinue", (message, outgoing) => {
    exchanges.add({ message, outgoing, expectsContinue: true });
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!exchanges.breakBody(socket, error)) refuse(socket, error.code);
  });
  server.listen({ host: hostname, port, reusePort });
  await once(server, "listening");
  return {
    port: readPort(server),
    shutdown: () => {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return closed;
    },
  };
}

function createNodeServer(
  { tls, maxHeaderBytes, readTimeoutMs, idleTimeoutMs }: HardenedListenerOptions,
): Server {
  const headersTimeout = Math.min(readTimeoutMs ?? Infinity, LIMITS.requestHeadTimeoutMs);
  const bounds = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout,
    connectionsCheckingInterval: Math.min(headersTimeout, LIMITS.connectionCheckIntervalMs),
    keepAliveTimeout: idleTimeoutMs ?? 0,
    requestTimeout: 0, // it would bound a whole upload, however steadily it comes
    requireHostHeader: false, // the journey refuses, with S3's XML and a line in the log
  };
  return tls === undefined
    ? createServer(bounds)
    : createTlsServer({ ...bounds, ...tls, handshakeTimeout: headersTimeout });
}

/** The requests of every connection, one after the other. */
class Exchanges {
  readonly #settings: ExchangeSettings;
  readonly #onIdle: () => void;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(settings: ExchangeSettings, onIdle: () => void) {
    this.#settings = settings;
    this.#onIdle = onIdle;
  }

  add(exchange: NodeExchange): void {
    const { socket } = exchange.message;
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = { waiting: [], current: undefined };
      this.#connections.set(socket, connection);
    }
    if (connection.waiting.length >= LIMITS.pipelinedRequestsMax) {
      socket.destroy();
      return;
    }
    connection.waiting.push(exchange);
    if (connection.current === undefined) void this.#run(connection);
  }

  /** Whether there is an exchange that the error of a connection belongs to. */
  breakBody(socket: Socket, error: Error): boolean {
    const current = this.#connections.get(socket)?.current;
    current?.breakBody(error);
    return current !== undefined;
  }

  /** RFC 9112 §9.3.2: what a client pipelines is done in order, so that it may depend on what came before. */
  async #run(connection: Connection): Promise<void> {
    for (let next = connection.waiting.shift(); next; next = connection.waiting.shift()) {
      if (next.message.socket.destroyed) continue;
      connection.current = new HardenedExchange(next, this.#settings);
      await connection.current.run();
      connection.current = undefined;
    }
    this.#onIdle();
  }
}

interface Connection {
  readonly waiting: NodeExchange[];
  current: HardenedExchange | undefined;
}

/** Answers what is no request, and was never one that could be logged. */
function refuse(socket: Socket, code: string | undefined): void {
  const isSilent = socket.bytesRead === 0 || code === "ECONNRESET";
  if (isSilent || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${describeRefusal(code)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    () => socket.destroy(),
  );
}

function describeRefusal(code: string | undefined): string {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "431 Request Header Fields Too Large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "408 Request Timeout";
    default:
      return "400 Bad Request";
  }
}

function readPort(server: Server): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}
