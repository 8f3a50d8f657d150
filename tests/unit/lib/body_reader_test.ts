import assert from "node:assert/strict";
import { BodyReader, findDiscard } from "../../../src/lib/body_reader.ts";
import { LIMITS } from "../../../src/limits.ts";

const PIECE_BYTES = 64 * 1024;

/** How many pieces of a body of `pieces` are read, and whether it was cancelled. */
async function discard(
  pieces: number,
  pieceBytes = PIECE_BYTES,
): Promise<{ read: number; cancelled: boolean }> {
  let read = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (read === pieces) return controller.close();
      read++;
      controller.enqueue(new Uint8Array(pieceBytes));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  await new BodyReader(body).discard();
  return { read, cancelled };
}

Deno.test("discard() stops one piece past its bound", async () => {
  const most = LIMITS.discardedBodyBytesMax / PIECE_BYTES;
  assert.deepEqual(await discard(most + 2), { read: most + 1, cancelled: true });
});

Deno.test("discard() reads a body within the bound to its end", async () => {
  const most = LIMITS.discardedBodyBytesMax / PIECE_BYTES;
  assert.deepEqual(await discard(most), { read: most, cancelled: false });
  assert.deepEqual(await discard(0), { read: 0, cancelled: false });
});

Deno.test("discard() counts a tiny piece like a long one", async () => {
  const most = LIMITS.discardedBodyBytesMax / LIMITS.discardedTinyPieceBytes;
  const tiny = LIMITS.tinyPieceBytesMax - 1;
  assert.deepEqual(await discard(most + 2, tiny), { read: most + 1, cancelled: true });
  assert.deepEqual(await discard(most + 2, tiny + 1), { read: most + 2, cancelled: false });
});

Deno.test("discard() reads no more in a turn than readAtOnceBytesMax, of all bodies together", async () => {
  let [bytes, inATurn, mostInATurn] = [0, 0, 0];
  const pieceBytes = LIMITS.discardedPieceBytes;
  const body = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream({
      pull: (controller) => {
        bytes += pieceBytes;
        mostInATurn = Math.max(mostInATurn, inATurn += pieceBytes);
        setTimeout(() => inATurn = 0, 0);
        if (bytes > 4 * LIMITS.readAtOnceBytesMax) return controller.close();
        controller.enqueue(new Uint8Array(pieceBytes));
      },
    }, { highWaterMark: 0 });
  const bodies = 24;
  await Promise.all(Array.from({ length: bodies }, () => new BodyReader(body()).discard()));
  assert.ok(bytes > 4 * LIMITS.readAtOnceBytesMax, `${bytes} bytes`);
  // The first two pieces of each are read before any is paid for, and what time has paid for meanwhile is read as well.
  const most = 2 * LIMITS.readAtOnceBytesMax + 2 * bodies * pieceBytes;
  assert.ok(mostInATurn <= most, `${mostInATurn} in one turn`);
});

Deno.test("discard() takes no turn for a body of no more than a piece", async () => {
  const { readAtOnceBytesMax } = LIMITS;
  Object.assign(LIMITS, { readAtOnceBytesMax: 0 }); // who asks for a turn gets none
  try {
    assert.deepEqual(await discard(0), { read: 0, cancelled: false });
    assert.deepEqual(await discard(1), { read: 1, cancelled: false });
  } finally {
    Object.assign(LIMITS, { readAtOnceBytesMax });
  }
});

Deno.test("discard() begins behind a read that another has begun", async () => {
  const { promise: reading, resolve } = Promise.withResolvers<void>();
  let isRead = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      isRead = true;
      controller.close();
    },
  }, { highWaterMark: 0 });
  const discarded = new BodyReader(body).discard(reading);
  assert.equal(findDiscard(body)?.ended, discarded);
  await Promise.resolve();
  assert.equal(isRead, false);
  resolve();
  await discarded;
  assert.equal(isRead, true);
});

Deno.test("discard() takes a body that breaks", async () => {
  await new BodyReader(ReadableStream.from(failing())).discard();
});

// deno-lint-ignore require-yield -- it fails at its first piece
async function* failing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await Promise.reject(new Error("gone"));
}

function byteStream(bytes: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    start: (controller) => {
      if (bytes > 0) controller.enqueue(new Uint8Array(bytes));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

async function readSizes(reader: BodyReader): Promise<number[]> {
  const sizes: number[] = [];
  for (;;) {
    const piece = await reader.read();
    if (piece === undefined) return sizes;
    sizes.push(piece.length);
  }
}

Deno.test("read() lets others have their turn, however fast bytes come", async () => {
  const reader = new BodyReader(byteStream(2 * LIMITS.smallReadsInARowMax), 1);
  let hadTurn = false;
  const timer = setTimeout(() => hadTurn = true, 0);
  for (let read = 1; read < LIMITS.smallReadsInARowMax; read++) await reader.read();
  assert.equal(hadTurn, false, "or the test tests nothing");
  await reader.read();
  assert.equal(hadTurn, true);
  clearTimeout(timer);
});

Deno.test("read() takes no more than its bound at once", async () => {
  const most = LIMITS.bodyPieceBytesMax;
  assert.deepEqual(await readSizes(new BodyReader(byteStream(most + 1))), [most, 1]);
});

Deno.test("read() reads a body that is longer than expected, and an empty one", async () => {
  assert.deepEqual(await readSizes(new BodyReader(byteStream(5), 2)), [2, 2, 1]);
  assert.deepEqual(await readSizes(new BodyReader(byteStream(5), 0)), [1, 1, 1, 1, 1]);
  assert.deepEqual(await readSizes(new BodyReader(byteStream(0))), []);
});

Deno.test("read() takes the pieces of any other stream as they are", async () => {
  const pieces = [new Uint8Array(3), new Uint8Array(4)];
  assert.deepEqual(await readSizes(new BodyReader(ReadableStream.from(pieces), 1)), [3, 4]);
});

Deno.test("free() leaves the memory of a stream that brought its own pieces", async () => {
  const piece = new Uint8Array([1, 2, 3]);
  const reader = new BodyReader(ReadableStream.from([piece]));
  const read = await reader.read();
  assert.equal(read, piece);
  reader.free(piece.subarray(0, 1));
  assert.deepEqual([...piece], [1, 2, 3]);
});

Deno.test("free() gives a byte stream's piece back, whole", async () => {
  const reader = new BodyReader(byteStream(3));
  const piece = await reader.read();
  assert.equal(piece?.length, 3);
  reader.free(piece.subarray(0, 1));
  assert.equal(piece.buffer.detached, true);
});
