/**
 * The default listener, on `Deno.serve`: bodies stay the runtime's own and pass without touching JavaScript. It has no
 * timeouts, and buffers what a client sends while a response streams: behind nginx or an ingress that does no harm.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
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
  const uploads = new Uploads();
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
    const uploaded = raw.body === null ? undefined : uploads.add();
    const { response, ended } = await answer(
      raw.body !== null && uploaded === undefined ? { ...raw, refusal: closing() } : raw,
    );
    // Refused on its head: the client may still be sending.
    if (raw.body?.locked === false) new BodyReader(raw.body, LIMITS.discardedPieceBytes).discard();
    if (uploaded !== undefined) info.completed.then(uploaded, uploaded);
    // A response to a client that has gone completes too, and the signal does not fire on success: "no-legacy-abort".
    info.completed.then(
      () => ended(gone?.aborted ? "client_closed" : "complete"),
      () => ended("client_closed"),
    );
    return response;
  });
  return {
    port: server.addr.port,
    shutdown: async () => {
      await uploads.close();
      await server.shutdown();
    },
  };
}

/**
 * Requests with a body that are not answered yet. In Deno 2.9.6 a server that shuts down cuts every one of them off, so it
 * does that when there are none left; until then it goes on accepting connections, and refuses bodies on them.
 */
class Uploads {
  #count = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  /** Adds one; the function, to be called once, takes it away. `undefined` where no more are taken. */
  add(): (() => void) | undefined {
    if (this.#closed !== undefined) return undefined;
    this.#count++;
    return () => {
      if (--this.#count === 0) this.#closed?.resolve();
    };
  }

  /** Takes no more; resolves when there are none left. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    if (this.#count === 0) this.#closed.resolve();
    return this.#closed.promise;
  }
}

function closing(): S3Error {
  return new S3Error("SlowDown", { reason: "listener_closing" });
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
