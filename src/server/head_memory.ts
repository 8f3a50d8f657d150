/**
 * A bound on the memory of heads that have not come completely, and of TLS handshakes that have not ended: anybody can begin
 * one, and leave it unfinished for as long as a head may take.
 * @module
 */

/** A connection that holds such memory. */
export interface HeadHolder {
  /** Ends it at once. */
  close(): void;
}

/** Counts the bytes of a listener's handshakes, and of its heads that are longer than most. */
export class HeadMemory {
  readonly #bytesMax: number;
  /** The one that has held memory for longest comes first. */
  readonly #held = new Map<HeadHolder, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** `holder` holds `bytes` from now on. Above the bound, those that have held memory for longest are closed: an honest head has come by then. */
  hold(holder: HeadHolder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    this.#held.set(holder, bytes);
    for (const [longest] of this.#held) {
      if (this.#bytes <= this.#bytesMax) return;
      this.release(longest);
      longest.close();
    }
  }

  /** `holder` holds nothing any more. A second call does nothing. */
  release(holder: HeadHolder): void {
    this.#bytes -= this.#held.get(holder) ?? 0;
    this.#held.delete(holder);
  }
}
