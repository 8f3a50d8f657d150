/**
 * What a client sends, read ahead into one small buffer: so its next request is there once the answer to this one was sent, and
 * a client that leaves is noticed while it waits.
 * @module
 */

import type { ClientSocket } from "./client_socket.ts";
import { LIMITS } from "../limits.ts";

/** The bytes of one connection, in their order. */
export class IncomingBytes {
  readonly #socket: ClientSocket;
  readonly #onEnd: () => void;
  /** What has come and was not taken lies from `start` to before `end`. */
  bytes: Uint8Array = new Uint8Array(LIMITS.idleReadBytes);
  start = 0;
  end = 0;
  /** Nothing more will come: the client has closed its side, or the connection broke. */
  isEnded = false;
  #reading: Promise<void> | undefined;
  /** A read goes straight into its caller's memory. */
  #isLent = false;
  #isFromBuffer = false;

  /** `onEnd` is called once, when the client has closed its side, or the connection broke. */
  constructor(socket: ClientSocket, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
  }

  /** How many bytes are there. */
  get length(): number {
    return this.end - this.start;
  }

  /** Starts a read of what comes next, where there is room for it. */
  watch(): void {
    if (this.#reading !== undefined || this.#isLent || this.isEnded) return;
    if (this.start === this.end) this.#clear();
    else if (this.end === this.bytes.length && this.start > 0) this.#moveToFront();
    if (this.end === this.bytes.length) return;
    const room = this.end === 0 ? this.bytes : this.bytes.subarray(this.end);
    this.#reading = this.#socket.read(room).then(this.#onRead, this.#onFailure);
  }

  /** Resolves when there is more, or {@linkcode isEnded}; `undefined` where there is no room for more. */
  more(): Promise<void> | undefined {
    this.watch();
    return this.#reading;
  }

  /** Makes room for a head that is longer than most; `bytesMax` is what it may have. */
  grow(bytesMax: number): void {
    if (this.#reading !== undefined || this.length < this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + 1, Math.min(2 * this.length, bytesMax)));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  /**
   * Reads into the start of `into`; 0 when nothing more will come. Until it settles, `into` is in use, even where its
   * reader has given up. Rejects where the connection broke.
   */
  async readInto(into: Uint8Array): Promise<number> {
    if (this.start === this.end) await this.#reading;
    const length = Math.min(this.length, into.length);
    this.#isFromBuffer = length > 0;
    if (length > 0) {
      into.set(this.bytes.subarray(this.start, this.start + length));
      this.start += length;
      return length;
    }
    if (this.isEnded) return 0;
    this.#isLent = true;
    try {
      const read = await this.#socket.read(into);
      if (read === null) this.#finish();
      return read ?? 0;
    } catch (error) {
      this.#finish();
      throw error;
    } finally {
      this.#isLent = false;
    }
  }

  /** Takes back the last bytes of what {@linkcode readInto} gave: they belong to what comes next. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#isFromBuffer) {
      this.start -= bytes.length;
      return;
    }
    if (bytes.length > this.bytes.length) this.bytes = new Uint8Array(bytes.length);
    this.bytes.set(bytes);
    this.start = 0;
    this.end = bytes.length;
  }

  #clear(): void {
    this.start = 0;
    this.end = 0;
    if (this.bytes.length > LIMITS.idleReadBytes) this.bytes = new Uint8Array(LIMITS.idleReadBytes);
  }

  #moveToFront(): void {
    this.bytes.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }

  readonly #onRead = (read: number | null): void => {
    this.#reading = undefined;
    if (read === null) this.#finish();
    else this.end += read;
  };

  readonly #onFailure = (): void => {
    this.#reading = undefined;
    this.#finish();
  };

  #finish(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#onEnd();
  }
}
