/**
 * The default listener, on `Deno.serve`: bodies stay the runtime's own and pass without touching JavaScript. It has no
 * timeouts, and buffers what a client sends while a response streams: behind nginx or an ingress that does no harm.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import type { ProxyResponse } from "../proxy.ts";
import type { RawRequest } from "../s3/request.ts";

/** Answers one request; must not reject. */
export type AnswerRequest = (raw: RawRequest) => Promise<ProxyResponse>;

/** Where to listen. */
export interface ListenerOptions {
  readonly hostname: string;
  /** TCP port; 0 for any free one. */
  readonly port: number;
  /** PEM certificate chain and key; plain HTTP without. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** A running listener. */
export interface Listener {
  readonly port: number;
  /** Refuses new connections and resolves when the last response is out. */
  shutdown(): Promise<void>;
}

/** Starts listening. Throws `Deno.errors` where it cannot. */
export function createServeListener(
  { hostname, port, tls }: ListenerOptions,
  answer: AnswerRequest,
): Listener {
  const scheme = tls === undefined ? "http" : "https";
  const server = Deno.serve({
    hostname,
    port,
    ...tls,
    automaticCompression: false,
    onListen: () => {},
  }, async (request, info) => {
    const raw = readRequest(request, { scheme, clientAddress: info.remoteAddr.hostname });
    if (raw === undefined) return new Response(null, { status: 400 });
    const { response, ended } = await answer(raw);
    // Refused on its head: the client may still be sending.
    if (raw.body?.locked === false) new BodyReader(raw.body).discard();
    info.completed.then(() => ended("complete"), () => ended("client_closed"));
    return response;
  });
  return { port: server.addr.port, shutdown: () => server.shutdown() };
}

/** `undefined` where a request names two authorities, or none that could be one. */
function readRequest(
  request: Request,
  { scheme, clientAddress }: { scheme: RawRequest["scheme"]; clientAddress: string },
): RawRequest | undefined {
  const url = splitUrl(request.url);
  const host = request.headers.get("host");
  if (url === undefined || (host !== null && host !== url.authority)) return undefined;
  return {
    method: request.method,
    target: url.target,
    authority: url.authority,
    scheme,
    headers: new Map(request.headers),
    body: request.body,
    clientAddress,
    clientGone: request.signal,
  };
}

/**
 * Cuts `scheme://authority` off without a URL parser, which would fold the path. The Host header is pasted into the URL
 * unchecked, so an authority with `/` or `?` in it is cut short here, and then differs from the header.
 */
function splitUrl(url: string): { authority: string; target: string } | undefined {
  const match = /^https?:\/\/([^/?#\\]+)(\/.*)$/s.exec(url);
  const [, authority, target] = match ?? [];
  return authority === undefined || target === undefined ? undefined : { authority, target };
}
