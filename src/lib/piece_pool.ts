/**
 * Memory that bodies pass through, used again and again: a fresh array of 64 KiB costs more than the rest of a request.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { assert } from "./assert.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Pieces of a few sizes. Whoever takes one gives it back once nobody reads or writes it any more, or leaves it to the garbage collector. */
export class PiecePool {
  readonly #shelves: readonly Shelf[] = LIMITS.pieceSizes.map((pieceBytes) => ({
    pieceBytes,
    piecesMax: Math.max(
      LIMITS.largeTransfersMax,
      Math.floor(LIMITS.idlePieceBytesMax / pieceBytes),
    ),
    pieces: [],
  }));
  /** How many were asked for, and how many came back. */
  taken = 0;
  given = 0;
  #largeTransfers = 0;

  /** The smallest piece that holds `bytes`, or the largest there is. What it held before is still in it. */
  take(bytes: number): Bytes {
    const shelf = this.#findShelf(bytes);
    const piece = shelf.pieces.pop();
    this.taken++;
    return piece ?? new Uint8Array(shelf.pieceBytes);
  }

  /**
   * A piece of the most that is read at once, where fewer than {@linkcode LIMITS.largeTransfersMax} transfers have one. What
   * becomes of the piece is as for any other; {@linkcode endLarge} is called once, too.
   */
  takeLarge(): Bytes | undefined {
    if (this.#largeTransfers === LIMITS.largeTransfersMax) return undefined;
    this.#largeTransfers++;
    return this.take(LIMITS.bodyPieceBytesMax);
  }

  /** A transfer has no large piece any more. */
  endLarge(): void {
    this.#largeTransfers--;
  }

  /** Gives a piece back, whole. */
  give(piece: Bytes): void {
    this.given++;
    const { pieceBytes, piecesMax, pieces } = this.#findShelf(piece.length);
    if (piece.length === pieceBytes && pieces.length < piecesMax) pieces.push(piece);
  }

  #findShelf(bytes: number): Shelf {
    const shelf = this.#shelves.find(({ pieceBytes }) => pieceBytes >= bytes) ??
      this.#shelves.at(-1);
    assert(shelf !== undefined, "There is a size of pieces");
    return shelf;
  }
}

interface Shelf {
  readonly pieceBytes: number;
  readonly piecesMax: number;
  readonly pieces: Bytes[];
}
