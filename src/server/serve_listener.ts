/**
 * The default listener, on `Deno.serve`: bodies stay the runtime's own and pass without touching JavaScript. It has no
 * timeouts, and buffers what a client sends while a response streams: behind nginx or an ingress that does no harm.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { LIMITS } from "../limits.ts";
import type { RawRequest } from "../s3/request.ts";
import {
  type AnswerRequest,
  type Listener,
  type ListenerOptions,
  readRequestLine,
} from "./listener.ts";

/** Starts listening. Throws `Deno.errors` where it cannot. */
export function createServeListener(
  { hostname, port, tls, reusePort = false }: ListenerOptions,
  answer: AnswerRequest,
): Listener {
  const scheme = tls === undefined ? "http" : "https";
  const server = Deno.serve({
    hostname,
    port,
    ...tls,
    ...(reusePort ? { reusePort } : {}), // even `false` needs the unstable flag
    automaticCompression: false,
    onListen: () => {},
  }, async (request, info) => {
    let gone: AbortSignal | undefined;
    const raw = readRequest(request, {
      scheme,
      clientAddress: info.remoteAddr.hostname,
      clientGone: () => gone ??= request.signal,
    });
    const { response, ended } = await answer(raw);
    // Refused on its head: the client may still be sending.
    if (raw.body?.locked === false) new BodyReader(raw.body, LIMITS.discardedPieceBytes).discard();
    // A response to a client that has gone completes too, and the signal does not fire on success: "no-legacy-abort".
    info.completed.then(
      () => ended(gone?.aborted ? "client_closed" : "complete"),
      () => ended("client_closed"),
    );
    return response;
  });
  return { port: server.addr.port, shutdown: () => server.shutdown() };
}

/**
 * The Host header is pasted into the URL unchecked, so one with `/` or `?` in it is cut short there, and then differs
 * from the header.
 */
function readRequest(
  request: Request,
  known: Pick<RawRequest, "scheme" | "clientAddress" | "clientGone">,
): RawRequest {
  return {
    ...readRequestLine(request.url, request.headers.get("host") ?? undefined),
    method: request.method,
    headers: new Map(request.headers),
    body: request.body,
    ...known,
  };
}
