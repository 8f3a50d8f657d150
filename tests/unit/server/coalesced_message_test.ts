import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import fc from "fast-check";
import { LIMITS } from "../../../src/limits.ts";
import { CoalescedMessage } from "../../../src/server/coalesced_message.ts";

const TINY = LIMITS.tinyPieceBytesMax - 1;

function open(): { message: CoalescedMessage; seen: Uint8Array[] } {
  const message = new CoalescedMessage(new Socket());
  const seen: Uint8Array[] = [];
  message.on("data", (piece: Uint8Array) => seen.push(piece));
  return { message, seen };
}

async function readSizes(sizes: readonly number[]): Promise<number[]> {
  const { message, seen } = open();
  for (const size of sizes) message.push(new Uint8Array(size));
  message.push(null);
  await new Promise((resolve) => message.once("end", resolve));
  return seen.map(({ length }) => length);
}

Deno.test("tiny pieces of one turn become one, up to a bound", async () => {
  assert.deepEqual(await readSizes([1, 2, TINY]), [3 + TINY]);
  const fits = Math.floor(LIMITS.joinedPieceBytes / LIMITS.tinyPieceBytesMax);
  const most = Array.from({ length: fits }, () => TINY);
  assert.deepEqual(await readSizes([...most, 1]), [fits * TINY, 1]);
});

Deno.test("a piece that is not tiny passes as it is, behind those before it", async () => {
  assert.deepEqual(await readSizes([TINY + 1]), [TINY + 1]);
  assert.deepEqual(await readSizes([1, 1, TINY + 1, 1]), [2, TINY + 1, 1]);
});

Deno.test("a single tiny piece is not copied", async () => {
  const { message, seen } = open();
  const piece = new Uint8Array(5);
  message.push(piece);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(seen.length, 1, "it does not wait for the end");
  assert.equal(seen[0]?.buffer, piece.buffer);
});

Deno.test("every byte arrives, in order, however a body is cut and whenever it comes", async () => {
  const piece = fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 * TINY })),
    pause: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 60 }), async (pieces) => {
      const { message, seen } = open();
      const sent: Uint8Array[] = [];
      for (const { size, pause } of pieces) {
        const bytes = new Uint8Array(size).fill(sent.length + 1);
        sent.push(bytes.slice());
        message.push(bytes);
        if (pause) await Promise.resolve();
      }
      message.push(null);
      await new Promise((resolve) => message.once("end", resolve));
      assert.equal(Buffer.compare(Buffer.concat(seen), Buffer.concat(sent)), 0);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a second tiny piece in one turn asks the parser to stop, a first one does not", async () => {
  const { message } = open();
  assert.deepEqual([1, 1, 1].map((size) => message.push(new Uint8Array(size))), [
    true,
    false,
    false,
  ]);
  await Promise.resolve();
  assert.equal(message.push(new Uint8Array(1)), true);
  assert.equal(message.tinyPieces, 4);
});

Deno.test("a message that nobody reads asks the parser to stop at its high-water mark", () => {
  const { message } = open();
  message.pause();
  const half = message.readableHighWaterMark / 2;
  assert.deepEqual([half, half].map((size) => message.push(new Uint8Array(size))), [true, false]);
});
