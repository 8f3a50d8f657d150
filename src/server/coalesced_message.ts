/**
 * A request of `node:http` whose body comes in pieces worth their cost.
 * @module
 */

import { IncomingMessage } from "node:http";
import { LIMITS } from "../limits.ts";

/**
 * Joins the pieces that are shorter than {@linkcode LIMITS.tinyPieceBytesMax}. `node:http` makes a buffer of half a KiB
 * of every chunk, a byte of a body in chunks of one, and counts only the byte: a connection that waits would hold 65 536
 * of them, 38 MB (RFC 9112 §7.1 sets no least size).
 */
export class CoalescedMessage extends IncomingMessage {
  #tinyPieces = 0;
  #bytes: Uint8Array | undefined;
  #length = 0;

  /** How many tiny pieces have come: each costs as much as a long one. */
  get tinyPieces(): number {
    return this.#tinyPieces;
  }

  /** What the parser calls with every piece, and with `null` at the end; `false` asks it to stop reading. */
  override push(piece: Uint8Array | null, encoding?: BufferEncoding): boolean {
    if (piece === null || piece.length >= LIMITS.tinyPieceBytesMax) {
      this.#flush();
      return super.push(piece, encoding);
    }
    this.#tinyPieces++;
    return this.#join(piece);
  }

  /** A second piece in one turn ends the parser's, so that others have theirs: it would go on for up to 2 MB. */
  #join(piece: Uint8Array): boolean {
    if (this.#bytes === undefined) {
      this.#bytes = piece; // the last of a body, mostly, or all of it: no copy
      this.#length = piece.length;
      queueMicrotask(() => this.#flush());
      return true;
    }
    if (this.#bytes.length < LIMITS.joinedPieceBytes) {
      const first = this.#bytes;
      this.#bytes = new Uint8Array(LIMITS.joinedPieceBytes);
      this.#bytes.set(first);
    }
    this.#bytes.set(piece, this.#length);
    this.#length += piece.length;
    if (this.#length + LIMITS.tinyPieceBytesMax > LIMITS.joinedPieceBytes) this.#flush();
    return false;
  }

  /** Hands on what was joined; the stream asks the parser to go on as soon as it has room. */
  #flush(): void {
    const bytes = this.#bytes?.subarray(0, this.#length);
    this.#bytes = undefined;
    if (bytes !== undefined) super.push(bytes);
  }
}
