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

/** `body` read piece by piece; a stream's own pieces are copied from, as its reader has none to bring. */
export function openSource(body: BodySource): ByteSource {
  return body instanceof ReadableStream ? new StreamSource(body) : body;
}

class StreamSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  #piece: Bytes = new Uint8Array(0);

  constructor(stream: ReadableStream<Bytes>) {
    this.#reader = stream.getReader();
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#piece.length === 0) {
      const { value } = await this.#reader.read();
      if (value === undefined) return 0;
      this.#piece = value;
    }
    const length = Math.min(into.length, this.#piece.length);
    into.set(this.#piece.subarray(0, length));
    this.#piece = this.#piece.subarray(length);
    return length;
  }

  cancel(reason?: unknown): void {
    this.#reader.cancel(reason).catch(() => {}); // one that has failed has nothing left to cancel
  }
}
