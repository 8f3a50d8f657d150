/**
 * One request over HTTP/2: by ALPN over TLS, by prior knowledge (h2c) without.
 * @module
 */

import { connect } from "node:http2";
import { beforeDeadline } from "./deadline.ts";
import type { Destination } from "./raw_client.ts";
import type { Header } from "./signer.ts";
import { joinBytes } from "./wire.ts";

/** One request; `:authority` is left out where there is none. */
export interface Http2Request extends Destination {
  readonly method: string;
  readonly target: string;
  readonly authority?: string;
  /** Names in lower case; may hold a `host` that differs from the authority. */
  readonly headers?: readonly Header[];
  readonly body?: string | Uint8Array;
}

/** A response over HTTP/2. */
export interface Http2Response {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Sends a request on a connection of its own. */
export async function requestHttp2(request: Http2Request): Promise<Http2Response> {
  const { port, caCert } = request;
  const session = caCert === undefined
    ? connect(`http://127.0.0.1:${port}`)
    : connect(`https://127.0.0.1:${port}`, { ca: caCert });
  const closed = new Promise<void>((resolve) => session.once("close", () => resolve()));
  try {
    return await beforeDeadline(exchange(session, request), "a response over HTTP/2");
  } finally {
    session.close();
    await closed;
  }
}

function exchange(
  session: ReturnType<typeof connect>,
  { method, target, authority, headers = [], body }: Http2Request,
): Promise<Http2Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Response>();
  const stream = session.request(
    {
      ":method": method,
      ":path": target,
      ...(authority !== undefined && { ":authority": authority }),
      ...Object.fromEntries(headers),
    },
    { endStream: body === undefined },
  );
  const pieces: Uint8Array[] = [];
  let received: Header[] = [];
  stream.on("response", (_headers: unknown, _flags: unknown, raw: string[]) => {
    received = toPairs(raw);
  });
  stream.on("data", (piece: Uint8Array) => pieces.push(piece));
  stream.on("end", () => {
    const status = Number(received.find(([name]) => name === ":status")?.[1]);
    const fields = received.filter(([name]) => !name.startsWith(":"));
    resolve({ status, headers: fields, body: joinBytes(pieces) });
  });
  stream.on("error", reject);
  session.on("error", reject);
  if (body !== undefined) stream.end(body);
  return promise;
}

function toPairs(flat: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return pairs;
}
