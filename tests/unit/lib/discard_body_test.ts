import assert from "node:assert/strict";
import { discardBody } from "../../../src/lib/discard_body.ts";
import { LIMITS } from "../../../src/limits.ts";

const PIECE_BYTES = 64 * 1024;

/** How many pieces of a body of `pieces` are read, and whether it was cancelled. */
async function discard(pieces: number): Promise<{ read: number; cancelled: boolean }> {
  let read = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (read === pieces) return controller.close();
      read++;
      controller.enqueue(new Uint8Array(PIECE_BYTES));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  await discardBody(body.getReader());
  return { read, cancelled };
}

Deno.test("discardBody() stops one piece past its bound", async () => {
  const most = LIMITS.discardedBodyBytesMax / PIECE_BYTES;
  assert.deepEqual(await discard(most + 2), { read: most + 1, cancelled: true });
});

Deno.test("discardBody() reads a body within the bound to its end", async () => {
  const most = LIMITS.discardedBodyBytesMax / PIECE_BYTES;
  assert.deepEqual(await discard(most), { read: most, cancelled: false });
  assert.deepEqual(await discard(0), { read: 0, cancelled: false });
});

Deno.test("discardBody() takes a body that breaks", async () => {
  await discardBody(ReadableStream.from(failing()).getReader());
});

// deno-lint-ignore require-yield -- it fails at its first piece
async function* failing(): AsyncGenerator<Uint8Array> {
  await Promise.reject(new Error("gone"));
}
