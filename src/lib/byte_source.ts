/**
 * Bytes that come one read after another into memory that their reader brings: a body without a stream around it.
 * @module
 */

import { assert } from "./assert.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A body. It has one reader, which waits for a read before it asks for the next. */
export interface ByteSource {
  /**
   * Reads into the start of `into`, which is not empty, and resolves with the number of bytes; 0 is the end, again and
   * again. Rejects, again and again, when the body breaks off. Until it settles, `into` is not the caller's to touch.
   */
  read(into: Uint8Array): Promise<number>;
  /**
   * All that is left, at the start of `into`, and how many bytes that is: where it is here already and fits. Else `undefined`,
   * and nothing has happened. What is small is here mostly, and a read costs a tenth of a small request.
   */
  takeRest?(into: Uint8Array): number | undefined;
  /**
   * Nothing more is wanted: the bytes that are left are never read, and a read that waits settles, whatever with. Does
   * nothing after the end. Never throws.
   */
  cancel(reason?: unknown): void;
}

/** A body, as the runtime has it or as we do. */
export type BodySource = ReadableStream<Bytes> | ByteSource;

/** Does without what is left of `body`: resolves when whoever sends it has been told. */
export async function cancelBody(body: BodySource | null, reason?: unknown): Promise<void> {
  // A stream that has failed says so here too, and has nothing left to cancel.
  if (body instanceof ReadableStream) await body.cancel(reason).catch(() => {});
  else body?.cancel(reason);
}

/** `body` as a stream, for what takes nothing else: of at most `pieceBytes` a piece where its reader brings no memory. */
export function openByteStream(
  body: BodySource,
  { pieceBytes }: { pieceBytes: number },
): ReadableStream<Bytes> {
  if (body instanceof ReadableStream) return body;
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: pieceBytes,
    pull: async (controller) => {
      const { byobRequest } = controller;
      // With memory of its own for every read, a stream that is pulled always has one.
      assert(byobRequest?.view != null, "A byte stream was pulled without memory to fill");
      const { buffer, byteOffset, byteLength } = byobRequest.view;
      const length = await body.read(new Uint8Array(buffer, byteOffset, byteLength));
      if (length === 0) controller.close();
      byobRequest.respond(length);
    },
    cancel: (reason) => body.cancel(reason),
  });
}

const sources = new WeakMap<ReadableStream<Bytes>, StreamSource>();

/** `body` read piece by piece; always the same source for a stream, which has one reader. */
export function openSource(body: BodySource): ByteSource {
  if (!(body instanceof ReadableStream)) return body;
  const source = sources.get(body) ?? new StreamSource(body);
  sources.set(body, source);
  return source;
}

/** The source that `stream` is read through already. */
export function findSource(stream: ReadableStream<Bytes>): ByteSource | undefined {
  return sources.get(stream);
}

/**
 * A stream takes the memory away that a read brings, so it has one piece of its own, again and again, and what comes is
 * copied: a tenth of what new pieces cost.
 */
class StreamSource implements ByteSource {
  readonly #reader: ReadableStreamBYOBReader | ReadableStreamDefaultReader<Bytes>;
  #memory: ArrayBuffer | undefined;
  /** What has come and was not read yet. */
  #piece: Bytes | undefined;

  constructor(stream: ReadableStream<Bytes>) {
    this.#reader = openReader(stream);
  }

  async read(into: Uint8Array): Promise<number> {
    let piece = this.#piece;
    while (piece === undefined || piece.length === 0) {
      piece = await this.#pull(into.length);
      if (piece === undefined) return 0;
    }
    const length = Math.min(into.length, piece.length);
    into.set(length === piece.length ? piece : piece.subarray(0, length));
    this.#piece = length === piece.length ? undefined : piece.subarray(length);
    return length;
  }

  cancel(reason?: unknown): void {
    this.#reader.cancel(reason).catch(() => {}); // one that has failed has nothing left to cancel
  }

  async #pull(bytes: number): Promise<Bytes | undefined> {
    if (!(this.#reader instanceof ReadableStreamBYOBReader)) {
      return (await this.#reader.read()).value;
    }
    const memory = this.#memory ?? new ArrayBuffer(bytes);
    this.#memory = undefined;
    const { value, done } = await this.#reader.read(new Uint8Array(memory));
    if (done || value === undefined) return undefined;
    this.#memory = value.buffer;
    return value;
  }
}

/** Only a byte stream, such as a listener's own, fills memory that its reader brings. */
export function openReader(
  stream: ReadableStream<Bytes>,
): ReadableStreamBYOBReader | ReadableStreamDefaultReader<Bytes> {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return stream.getReader(); // it was a TypeError: this stream has pieces of its own
  }
}

/** No bytes. */
export const NOTHING: ByteSource = { read: () => Promise.resolve(0), cancel: () => {} };

/** `start`, and then what is left of `rest`. */
export function prepend(start: Uint8Array, rest: ByteSource): ByteSource {
  let left = start;
  return {
    read: async (into) => {
      if (left.length === 0) return await rest.read(into);
      const part = left.subarray(0, into.length);
      into.set(part);
      left = left.subarray(part.length);
      return part.length;
    },
    cancel: (reason) => rest.cancel(reason),
  };
}
