/**
 * The memory that one large answer passes through. Each read and write of a connection has its price, however long it is, so what
 * flows fast has a large piece; what stands still, perhaps a thousand times, keeps a small one.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { PiecePool } from "./piece_pool.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One piece of a pool at a time, small at first. To be ended by {@linkcode abandon}. */
export class TransferPiece {
  readonly #pieces: PiecePool;
  #isLarge = false;
  /** What it is now, until the next {@linkcode fit}. */
  bytes: Bytes;

  constructor(pieces: PiecePool) {
    this.#pieces = pieces;
    this.bytes = pieces.take(LIMITS.transferPieceBytes);
  }

  /** Nobody uses it now: the last read had so many bytes, and writing them took so long on a {@linkcode CoarseClock}. */
  fit({ bytes, ms }: { bytes: number; ms: number }): void {
    const isFast = ms === 0 && 2 * bytes >= LIMITS.transferPieceBytes;
    if (isFast === this.#isLarge) return;
    const pieces = this.#pieces;
    const other = isFast ? pieces.takeLarge() : pieces.take(LIMITS.transferPieceBytes);
    if (other === undefined) return;
    this.giveBack();
    this.bytes = other;
    this.#isLarge = isFast;
  }

  /** Nobody uses it any more. */
  giveBack(): void {
    this.#pieces.give(this.bytes);
    this.abandon();
  }

  /** It is not given back, because what was given up may still use it; does nothing after {@linkcode giveBack}. */
  abandon(): void {
    if (this.#isLarge) this.#pieces.endLarge();
    this.#isLarge = false;
  }
}
