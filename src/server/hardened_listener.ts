/**
 * The listener for clients that connect directly: HTTP/1.1 of our own (`src/http1/`) on the runtime's sockets. It bounds
 * the number of connections, the time and size of a head, idle connections, standstills in both directions, and what it
 * holds of either.
 * @module
 */

import { CoarseClock } from "../lib/coarse_clock.ts";
import { PiecePool } from "../lib/piece_pool.ts";
import { LIMITS } from "../limits.ts";
import type { Logger } from "../observability/log.ts";
import { acceptConnections, type Acceptor, AcceptPause } from "./accept_loop.ts";
import { ClientConnection } from "./client_connection.ts";
import { ConnectionSet } from "./connection_set.ts";
import type { ConnectionSettings } from "./connection_settings.ts";
import { HeadMemory } from "./head_memory.ts";
import type { AnswerRequest, Listener, ListenerOptions } from "./listener.ts";
import { readSecureContext, TlsSocket } from "./tls_socket.ts";

/** What {@linkcode createHardenedListener} takes; `undefined` is no timeout. */
export interface HardenedListenerOptions extends ListenerOptions {
  /** Of one request's head; one above is answered with 431. */
  readonly maxHeaderBytes: number;
  readonly readTimeoutMs: number | undefined;
  readonly writeTimeoutMs: number | undefined;
  /** Between two requests. */
  readonly idleTimeoutMs: number | undefined;
  /** Of a transfer while its client is waited for. Default: any. */
  readonly minBytesPerSecond?: number;
  /** At a time; see {@linkcode ConnectionSet.makeRoom}. */
  readonly connectionsMax: number;
  /** Memory that bodies pass through. */
  readonly pieces?: PiecePool;
  /** Told of what was refused as no HTTP. */
  readonly logger?: Logger;
}

/** Starts listening. Throws `Deno.errors` where it cannot. */
export function createHardenedListener(
  options: HardenedListenerOptions,
  answer: AnswerRequest,
): Listener {
  const listener = listen(options);
  const clock = new CoarseClock({ tickMs: LIMITS.timerTickMs });
  const connections = new ConnectionSet({ clock, connectionsMax: options.connectionsMax });
  const { readTimeoutMs, pieces = new PiecePool(), pause = new AcceptPause() } = options;
  let isClosing = false;
  const settings: ConnectionSettings = {
    scheme: options.tls === undefined ? "http" : "https",
    maxHeaderBytes: options.maxHeaderBytes,
    headTimeoutMs: Math.min(readTimeoutMs ?? Infinity, LIMITS.requestHeadTimeoutMs),
    readTimeoutMs,
    writeTimeoutMs: options.writeTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs,
    minBytesPerSecond: options.minBytesPerSecond ?? 0,
    answer,
    clock,
    pieces,
    logger: options.logger,
    isClosing: () => isClosing,
    heads: new HeadMemory(Math.max(LIMITS.unfinishedHeadBytesMax, 2 * options.maxHeaderBytes)),
    connections,
  };
  const { tls } = options;
  const secureContext = tls === undefined ? undefined : readSecureContext(tls);
  const acceptor: Acceptor<Deno.TcpConn> = {
    accept: async () => {
      const socket = await listener.accept();
      await connections.makeRoom();
      return socket;
    },
  };
  const accepted = (tcp: Deno.TcpConn): void => {
    // An answer's last bytes are sent without waiting until the client has acknowledged those before.
    tcp.setNoDelay();
    const clientAddress = tcp.remoteAddr.hostname;
    const socket = secureContext === undefined ? tcp : new TlsSocket(tcp, secureContext);
    void connections.run(new ClientConnection({ socket, clientAddress }, settings));
  };
  const accepting = acceptConnections(acceptor, { accepted, pause });
  const stopAccepting = (): void => {
    if (!isClosing) listener.close();
    isClosing = true; // from now on every answer says that it is the connection's last
  };
  return {
    port: listener.addr.port,
    shutdown: async () => {
      stopAccepting();
      await Promise.all([accepting, connections.finish()]);
    },
    retire: async () => {
      stopAccepting();
      await Promise.all([accepting, connections.ended()]);
    },
  };
}

function listen({ hostname, port, reusePort = false }: ListenerOptions): Deno.TcpListener {
  return Deno.listen({ hostname, port, ...(reusePort ? { reusePort } : {}) });
}
