import assert from "node:assert/strict";
import { PiecePool } from "../../../src/lib/piece_pool.ts";
import { LIMITS } from "../../../src/limits.ts";

const [smallest = 0, second = 0] = LIMITS.pieceSizes;

Deno.test("PiecePool.take() gives the smallest piece that is large enough, one past each size too", () => {
  const pool = new PiecePool();
  assert.equal(pool.take(smallest).length, smallest);
  assert.equal(pool.take(smallest + 1).length, second);
  const largest = Math.max(...LIMITS.pieceSizes);
  assert.equal(pool.take(largest + 1).length, largest);
});

Deno.test("PiecePool counts what is taken and given back, and gives it out again", () => {
  const pool = new PiecePool();
  const piece = pool.take(1);
  pool.give(piece);
  assert.equal(pool.take(1), piece);
  assert.notEqual(pool.take(1), piece);
  assert.deepEqual([pool.taken, pool.given], [3, 1]);
});

for (const bytes of LIMITS.pieceSizes) {
  Deno.test(`PiecePool keeps what may be idle of ${bytes} bytes, and not one piece more`, () => {
    const pool = new PiecePool();
    const kept = Math.max(LIMITS.largeTransfersMax, Math.floor(LIMITS.idlePieceBytesMax / bytes));
    const given = Array.from({ length: kept + 1 }, () => pool.take(bytes));
    for (const piece of given) pool.give(piece);
    const again = new Set(Array.from({ length: kept + 1 }, () => pool.take(bytes)));
    assert.equal(given.filter((piece) => again.has(piece)).length, kept);
  });
}

Deno.test("PiecePool has a size for a whole response with its head, which is not the largest", () => {
  const piece = new PiecePool().take(LIMITS.wholeResponseBytesMax + LIMITS.metadataBytesMax);
  assert.ok(piece.length < LIMITS.bodyPieceBytesMax);
});
