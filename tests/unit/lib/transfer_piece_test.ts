import assert from "node:assert/strict";
import { PiecePool } from "../../../src/lib/piece_pool.ts";
import { TransferPiece } from "../../../src/lib/transfer_piece.ts";
import { LIMITS } from "../../../src/limits.ts";

const small = LIMITS.transferPieceBytes;
const large = LIMITS.bodyPieceBytesMax;
const FAST = { bytes: small, ms: 0 };
const SLOW = { bytes: small, ms: 1 };

Deno.test("TransferPiece stays small where little comes at once, or its writing takes long", () => {
  const piece = new TransferPiece(new PiecePool());
  piece.fit({ bytes: small / 2 - 1, ms: 0 });
  assert.equal(piece.bytes.length, small);
  piece.fit(SLOW);
  assert.equal(piece.bytes.length, small);
});

Deno.test("TransferPiece is large while both sides are fast, and small again behind", () => {
  const pieces = new PiecePool();
  const piece = new TransferPiece(pieces);
  piece.fit(FAST);
  piece.fit(FAST);
  assert.equal(piece.bytes.length, large);
  piece.fit(SLOW);
  assert.equal(piece.bytes.length, small);
  piece.giveBack();
  assert.equal(pieces.taken, pieces.given);
});

Deno.test("TransferPiece leaves largeTransfersMax large pieces, and not one more, whatever became of them", () => {
  const pieces = new PiecePool();
  const open = (): TransferPiece => {
    const piece = new TransferPiece(pieces);
    piece.fit(FAST);
    return piece;
  };
  for (const end of ["giveBack", "abandon"] as const) {
    const all = Array.from({ length: LIMITS.largeTransfersMax }, open);
    assert.ok(all.every(({ bytes }) => bytes.length === large));
    assert.equal(open().bytes.length, small);
    for (const piece of all) piece[end]();
    // Once more counts once.
    for (const piece of all) piece.abandon();
  }
  assert.equal(open().bytes.length, large);
});
