/**
 * A bound on what heads hold that have not all come, and TLS handshakes that have not ended: anybody can begin one, and let
 * it stand for as long as a head may take.
 * @module
 */

/** Whoever holds some. */
export interface HeadHolder {
  /** Ends it at once. */
  close(): void;
}

/** Counts the bytes of a listener's handshakes, and of its heads that are longer than most. */
export class HeadMemory {
  readonly #bytesMax: number;
  /** Who has held some longest first. */
  readonly #held = new Map<HeadHolder, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** `holder` holds `bytes` from now on. Above the bound, who has held some longest is closed: what comes is there by then. */
  hold(holder: HeadHolder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    this.#held.set(holder, bytes);
    for (const [longest] of this.#held) {
      if (this.#bytes <= this.#bytesMax) return;
      this.release(longest);
      longest.close();
    }
  }

  /** It holds nothing any more; again does nothing. */
  release(holder: HeadHolder): void {
    this.#bytes -= this.#held.get(holder) ?? 0;
    this.#held.delete(holder);
  }
}
