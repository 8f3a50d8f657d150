/**
 * The default listener, on `Deno.serve`: bodies stay the runtime's own and pass without touching JavaScript. It has no
 * timeouts, and buffers what a client sends while a response streams: behind nginx or an ingress that does no harm.
 * @module
 */

import type { ByteSource } from "../lib/byte_source.ts";
import { readHeaders } from "../lib/headers.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import type { ProxyResponse } from "../proxy.ts";
import type { Answer, HeaderList } from "../respond.ts";
import type { RawRequest } from "../s3/request.ts";
import { AcceptPause } from "./accept_loop.ts";
import { LastingServer, type Server } from "./lasting_server.ts";
import {
  type AnswerRequest,
  expectsInVain,
  type Listener,
  type ListenerOptions,
  readRequestLine,
} from "./listener.ts";
import { RefusedUploads } from "./refused_uploads.ts";

/** Starts listening. Throws `Deno.errors` where it cannot. */
export function createServeListener(
  { hostname, port, tls, reusePort = false, pause = new AcceptPause() }: ListenerOptions,
  answer: AnswerRequest,
): Listener {
  const scheme = tls === undefined ? "http" : "https";
  const uploads = new Uploads();
  const refused = new RefusedUploads();
  const answerUpload = async (raw: RawRequest): Promise<ProxyResponse> =>
    await refused.finish(await answer(raw), raw);
  const answerRequest = async (
    request: Request,
    info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> => {
    let gone: AbortSignal | undefined;
    const raw = readRequest(request, {
      scheme,
      clientAddress: info.remoteAddr.hostname,
      clientGone: () => gone ??= request.signal,
    });
    const answered = raw.body === null ? answer(raw) : uploads.run(answerUpload(raw));
    const { answer: { status, headers, body }, ended } = await answered;
    if (expectsInVain((name) => raw.headers.get(name))) headers.push(["connection", "close"]);
    // A response to a client that has gone completes too, and the signal does not fire on success: "no-legacy-abort".
    info.completed.then(
      () => ended(gone?.aborted ? "client_closed" : "complete"),
      () => ended("client_closed"),
    );
    // A record: the runtime takes half the time for it that it takes for a list.
    const respond = (): Response =>
      new Response(buildBody(body), { status, headers: Object.fromEntries(headers) });
    // 1 ms for 60 KB of headers: many that come together would keep all others waiting.
    return isLong(headers) ? await THREAD_TURNS.step(respond) : respond();
  };
  const serve = (port: number): Server =>
    Deno.serve({
      hostname,
      port,
      ...tls,
      ...(reusePort ? { reusePort } : {}), // even `false` needs the unstable flag
      automaticCompression: false,
      onListen: () => {},
    }, answerRequest);
  const servers = new LastingServer(serve, {
    port,
    pause,
    uploadsFinished: () => uploads.finished(),
  });
  return { port: servers.port, shutdown: () => servers.shutdown() };
}

/** Whether the runtime takes long to look at them. */
function isLong(headers: HeaderList): boolean {
  let length = 0;
  for (const [name, value] of headers) length += name.length + value.length;
  return length > LIMITS.shortHeadCharactersMax;
}

function buildBody(body: Answer["body"]): BodyInit | null {
  if (body === null || body instanceof Uint8Array) return body;
  return body instanceof ReadableStream ? body : openPieces(body);
}

/**
 * A body that is made here, as a stream whose pieces are given back once the runtime has them, which holds what it still sends: V8 would
 * let 64 MiB of them pile up before it collects.
 */
function openPieces(body: ByteSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent: Uint8Array<ArrayBuffer> | undefined;
  const free = (): void => void sent?.buffer.transfer(0);
  return new ReadableStream({
    // It is asked for a piece when the one before is with the runtime.
    pull: async (controller) => {
      free();
      sent = undefined;
      const piece = new Uint8Array(LIMITS.transferPieceBytes);
      const length = await body.read(piece);
      if (length === 0) return controller.close();
      sent = piece;
      controller.enqueue(piece.subarray(0, length));
    },
    cancel: (reason) => body.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Requests with a body that are being answered. */
class Uploads {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async run<Answered>(answered: Promise<Answered>): Promise<Answered> {
    this.#running++;
    try {
      return await answered;
    } finally {
      if (--this.#running === 0) { for (const resolve of this.#waiting.splice(0)) resolve(); }
    }
  }

  /** Resolves at a moment when there is none. */
  async finished(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
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
    headers: readHeaders(request.headers),
    body: request.body,
    ...known,
  };
}
