/**
 * The listener for clients that connect directly, on `node:http`: it bounds the time and size of a head, idle
 * connections, standstills in both directions, and what it holds of either. HTTP/1.1 only. Every body passes through
 * JavaScript, which large transfers pay for; see README.md.
 * @module
 */

import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as NetServer, Socket } from "node:net";
import { LIMITS } from "../limits.ts";
import { CoalescedMessage } from "./coalesced_message.ts";
import { type ConnectionSettings, HardenedConnection } from "./hardened_connection.ts";
import type { NodeExchange } from "./hardened_exchange.ts";
import type { AnswerRequest, Listener, ListenerOptions } from "./listener.ts";
import { boundTlsReads } from "./tls_reads.ts";

/** What {@linkcode createHardenedListener} takes; `undefined` is no timeout. */
export interface HardenedListenerOptions extends ListenerOptions {
  /** Of one request's head; one above is answered with 431. */
  readonly maxHeaderBytes: number;
  readonly readTimeoutMs: number | undefined;
  readonly writeTimeoutMs: number | undefined;
  /** Between two requests. */
  readonly idleTimeoutMs: number | undefined;
  /** One more is closed at once. */
  readonly connectionsMax: number;
}

/** Starts listening. Rejects with Node's error where it cannot. */
export async function createHardenedListener(
  options: HardenedListenerOptions,
  answer: AnswerRequest,
): Promise<Listener> {
  const { hostname, port, tls, reusePort = false, readTimeoutMs, writeTimeoutMs } = options;
  const server = createNodeServer(options);
  let isClosing = false;
  const connections = new WeakMap<Socket, HardenedConnection>();
  const settings: ConnectionSettings = {
    scheme: tls === undefined ? "http" : "https",
    readTimeoutMs,
    writeTimeoutMs,
    answer,
    isClosing: () => isClosing,
    onIdle: () => isClosing && server.closeIdleConnections(),
  };
  const add = (exchange: NodeExchange): void => {
    const { socket } = exchange.message;
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = new HardenedConnection(socket, settings);
      connections.set(socket, connection);
    }
    connection.add(exchange);
  };
  server.maxConnections = options.connectionsMax;
  server.on("request", (message, outgoing) => add({ message, outgoing, expectsContinue: false }));
  server.on(
    "checkContinue",
    (message, outgoing) => add({ message, outgoing, expectsContinue: true }),
  );
  // Any other value, which Node would answer beside all bounds: RFC 9110 §10.1.1 lets it be ignored.
  server.on(
    "checkExpectation",
    (message, outgoing) => add({ message, outgoing, expectsContinue: false }),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!connections.get(socket)?.breakBody(error)) refuse(socket, error.code);
  });
  server.on("secureConnection", boundTlsReads);
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
): Server<typeof CoalescedMessage, typeof ServerResponse> {
  const headersTimeout = Math.min(readTimeoutMs ?? Infinity, LIMITS.requestHeadTimeoutMs);
  const bounds = {
    IncomingMessage: CoalescedMessage,
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

function readPort(server: NetServer): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}
