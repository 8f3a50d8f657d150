import assert from "node:assert/strict";
import { BodyReader } from "../../../src/lib/body_reader.ts";
import { type ByteSource, cancelBody, openByteStream } from "../../../src/lib/byte_source.ts";
import { LIMITS } from "../../../src/limits.ts";

/** A body of `bytes`, each its place in it; past them the end, or `broken`. */
class CountingSource implements ByteSource {
  readonly #bytes: number;
  readonly #broken: Error | undefined;
  readonly reads: number[] = [];
  cancelled: unknown;
  #at = 0;

  constructor(bytes: number, broken?: Error) {
    this.#bytes = bytes;
    this.#broken = broken;
  }

  read(into: Uint8Array): Promise<number> {
    const length = Math.min(into.length, this.#bytes - this.#at);
    this.reads.push(length);
    if (length === 0 && this.#broken !== undefined) return Promise.reject(this.#broken);
    for (let at = 0; at < length; at++) into[at] = this.#at++ % 256;
    return Promise.resolve(length);
  }

  cancel(reason?: unknown): void {
    this.cancelled = reason;
  }
}

async function readAll(reader: BodyReader): Promise<number[][]> {
  const pieces: number[][] = [];
  for (;;) {
    const piece = await reader.read();
    if (piece === undefined) return pieces;
    pieces.push([...piece]);
  }
}

Deno.test("BodyReader reads a source to its end, in pieces of what is expected", async () => {
  assert.deepEqual(await readAll(new BodyReader(new CountingSource(5), 2)), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(await readAll(new BodyReader(new CountingSource(0), 0)), []);
});

Deno.test("BodyReader takes no more than its bound of a source at once", async () => {
  const source = new CountingSource(LIMITS.bodyPieceBytesMax + 1);
  await readAll(new BodyReader(source));
  assert.deepEqual(source.reads, [LIMITS.bodyPieceBytesMax, 1, 0]);
});

Deno.test("BodyReader gives the memory of a source's piece back, whole", async () => {
  const reader = new BodyReader(new CountingSource(3));
  const piece = await reader.read();
  assert.equal(piece?.length, 3);
  reader.free(piece.subarray(0, 1));
  assert.equal(piece.buffer.detached, true);
});

Deno.test("BodyReader rejects when a source breaks off, and tells it when nothing more is wanted", async () => {
  const broken = new Error("broken off");
  const source = new CountingSource(1, broken);
  const reader = new BodyReader(source);
  await reader.read();
  await assert.rejects(reader.read(), broken);
  reader.cancel("refused");
  assert.equal(source.cancelled, "refused");
});

Deno.test("openByteStream() gives a source's bytes to any reader, and never more than a piece", async () => {
  const pieces: number[] = [];
  for await (const piece of openByteStream(new CountingSource(5), { pieceBytes: 2 })) {
    pieces.push(...piece, -1);
  }
  assert.deepEqual(pieces, [0, 1, -1, 2, 3, -1, 4, -1]);
  const source = new CountingSource(5);
  const reader = openByteStream(source, { pieceBytes: 2 }).getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(4));
  assert.deepEqual([...value ?? []], [0, 1, 2, 3]);
  await reader.cancel("enough");
  assert.equal(source.cancelled, "enough");
});

Deno.test("openByteStream() errors, and does not end, where a source breaks off", async () => {
  const broken = new Error("broken off");
  const reader = openByteStream(new CountingSource(1, broken), { pieceBytes: 2 }).getReader();
  await reader.read();
  await assert.rejects(reader.read(), broken);
});

Deno.test("cancelBody() does without any kind of body, failed ones included", async () => {
  const source = new CountingSource(1);
  await cancelBody(source, "why");
  assert.equal(source.cancelled, "why");
  await cancelBody(null);
  await cancelBody(new ReadableStream({ start: (controller) => controller.error(new Error("x")) }));
});
