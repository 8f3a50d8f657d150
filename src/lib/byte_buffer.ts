/**
 * Bytes that are put together piece by piece, in memory that is used again.
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** A growing row of bytes. */
export class ByteBuffer {
  #memory: Bytes;
  #length = 0;

  /** `capacity` is what it holds without new memory. */
  constructor(capacity: number) {
    this.#memory = new Uint8Array(capacity);
  }

  /** Bytes since the last {@linkcode take}. */
  get length(): number {
    return this.#length;
  }

  /** Puts a copy of `bytes` at its end. */
  append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length;
    if (end > this.#memory.length) {
      const { buffer, length } = this.#memory;
      this.#memory = new Uint8Array(buffer.transfer(Math.max(end, 2 * length)));
    }
    this.#memory.set(bytes, this.#length);
    this.#length = end;
  }

  /** Takes all of them; they last until the next {@linkcode append}. */
  take(): Bytes {
    const taken = this.#memory.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Gives its memory back at once: V8 lets 64 MiB of such pile up before it collects. What was taken is gone, too. */
  free(): void {
    this.#memory = new Uint8Array(this.#memory.buffer.transfer(0));
    this.#length = 0;
  }
}
