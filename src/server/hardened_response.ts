/**
 * A response on its way out through `node:http`.
 * @module
 */

import type { ServerResponse } from "node:http";
import { cancelBody, openByteStream } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import type { Answer } from "../respond.ts";

/** How a response is sent. */
export interface SendOptions {
  readonly outgoing: ServerResponse;
  /** Of the request. */
  readonly method: string;
  /** Say that the connection ends with this response. */
  readonly closes: boolean;
  /** Whether the client has gone. */
  readonly isGone: () => boolean;
  /** Called whenever bytes came from the backend: the client is waited for. */
  readonly onRead: () => void;
  /** Called whenever they went to the client: the backend is waited for. */
  readonly onWritten: () => void;
}

/**
 * Sends the head and the whole body, all but the end of the message, or destroys the connection: what the backend broke
 * off never looks complete. Header values go out as latin1, one byte a character, because every head leaves together
 * with bytes, and not with text or by `flushHeaders()`, for which Node takes UTF-8. Returns whether the backend kept what
 * it promised, as long as the client was there.
 */
export async function sendResponse(
  { status, headers, body }: Answer,
  options: SendOptions,
): Promise<boolean> {
  const { outgoing, method, closes, isGone } = options;
  if (isGone()) return await dropBody(body);
  const head = headers.flat();
  const length = headers.find(([name]) => name === "content-length")?.[1];
  const takesBody = hasBody(method, status);
  if (body === null && length === undefined && takesBody) head.push("content-length", "0");
  if (closes) head.push("connection", "close");
  outgoing.writeHead(status, head);
  if (body === null || !takesBody) return await dropBody(body);
  try {
    const sent = await sendBody(body, { ...options, isShort: isShort(length) });
    if (length === undefined || sent === Number(length)) return true;
  } catch {
    // Broken off.
  }
  const isKept = isGone();
  outgoing.destroy();
  return isKept;
}

/** Lets go of a body; one that has failed meanwhile, as when the client left, says so here too. */
async function dropBody(body: Answer["body"]): Promise<true> {
  if (!(body instanceof Uint8Array)) await cancelBody(body);
  return true;
}

/** RFC 9112 §6.3. */
function hasBody(method: string, status: number): boolean {
  return method !== "HEAD" && status !== 204 && status !== 304;
}

function isShort(length: string | undefined): boolean {
  return length !== undefined && Number(length) <= LIMITS.wholeResponseBytesMax;
}

/** Returns the bytes sent. A short body, and a document made here, go out in one write with the head. */
async function sendBody(
  body: NonNullable<Answer["body"]>,
  options: SendOptions & { readonly isShort: boolean },
): Promise<number> {
  if (body instanceof Uint8Array) {
    options.outgoing.write(body);
    return body.length;
  }
  const stream = openByteStream(body, { pieceBytes: LIMITS.wholeResponseBytesMax });
  if (!options.isShort) return await pump(stream.getReader({ mode: "byob" }), options);
  const bytes = await new Response(stream).bytes();
  options.outgoing.write(bytes);
  return bytes.length;
}

/**
 * Sends as fast as the slower of both sides, always through the same piece of memory: a quarter less processor time
 * than new pieces, and nothing to collect. Returns the bytes sent.
 */
async function pump(
  reader: ReadableStreamBYOBReader,
  { outgoing, isGone, onRead, onWritten }: SendOptions,
): Promise<number> {
  let wake = (): void => {};
  outgoing.once("close", () => wake());
  outgoing.write(new Uint8Array(0)); // the head does not wait for the backend's first byte
  let memory = new ArrayBuffer(LIMITS.bodyPieceBytesMax);
  for (let sent = 0;;) {
    const { value, done } = await reader.read(new Uint8Array(memory));
    if (isGone()) reader.cancel().catch(() => {});
    if (done || isGone()) return sent;
    onRead();
    await new Promise<void>((resolve) => {
      wake = resolve;
      outgoing.write(value, () => resolve());
    });
    onWritten();
    sent += value.length;
    memory = value.buffer;
  }
}
