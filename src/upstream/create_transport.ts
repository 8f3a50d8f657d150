/**
 * Which requests go which way.
 * @module
 */

import type { PiecePool } from "../lib/piece_pool.ts";
import { createFetchTransport } from "./fetch_transport.ts";
import { verifyCertificates } from "./connect.ts";
import { createSocketTransport } from "./socket_transport.ts";
import { isFolded } from "./target.ts";
import type { Transport, TransportOptions, TransportRequest } from "./transport.ts";

/** Opens a pool to one backend; bodies on sockets pass through `pieces`. Throws a `TypeError` for certificates that cannot be used. */
export function createTransport(options: TransportOptions, pieces?: PiecePool): Transport {
  verifyCertificates(options);
  if (!options.prefersFetch) return createSocketTransport(options, pieces);
  // The two pools together keep as many idle connections as one may; small requests need a connection only for a moment.
  const { maxIdleConnections } = options;
  const ofSockets = Math.ceil(maxIdleConnections / 4);
  const sockets = createSocketTransport({ ...options, maxIdleConnections: ofSockets }, pieces);
  const fetching = createFetchTransport({
    ...options,
    maxIdleConnections: Math.max(1, maxIdleConnections - ofSockets),
  });
  return {
    send: async (request, call) => {
      if (!goesByFetch(request)) return await sockets.send(request, call);
      try {
        return await fetching.send(request, call);
      } catch (error) {
        // A read of an object may be repeated; asking by a socket what may have much metadata would cost all downloads.
        if (request.method !== "GET" || !isHeadTooLarge(error)) throw error;
        return await sockets.send(request, call);
      }
    },
    close: () => {
      fetching.close();
      sockets.close();
    },
  };
}

/**
 * What may be large and passes without touching JavaScript, and what `fetch` can send. For everything small, and for what
 * is decoded here, a socket of our own costs half.
 */
function goesByFetch({ method, target, body }: TransportRequest): boolean {
  const isLarge = method === "GET" ||
    body.kind === "untouched" && body.stream instanceof ReadableStream;
  return isLarge && !isFolded(target);
}

/** `fetch` fails on a response with more than 100 fields; only the text of its error says so. */
function isHeadTooLarge(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes("message head is too large")) return true;
  }
  return false;
}
