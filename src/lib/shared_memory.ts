/**
 * Numbers that all threads of the program share: what is taken of its bounds, and which keys are locked. Each worker
 * counts in a row of its own, and a bound holds for the sum over the rows: what a dead worker held is given back by
 * clearing its row.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { assert } from "./assert.ts";
import { encodeUtf8 } from "./bytes.ts";
import { monotonicMs } from "./clock.ts";
import { endsWithin } from "./deadline.ts";
import { sha256Hex } from "./sha256.ts";

/** What is counted; uploads have a cell for each user (or, rarely, for a few). */
export const COLUMNS = { requests: 0, connections: 1, connectionsWaiting: 2, uploads: 3 } as const;

const ROW_CELLS = COLUMNS.uploads + LIMITS.uploadCells;
const RELEASES_AT = 0;
const LOCKS_AT = 1;
/** Made anew at every start, so that nobody can tell which keys share a lock. */
const SALT_AT = LOCKS_AT + LIMITS.keyLockCells;
const SALT_CELLS = 4;
/** How often buckets' CORS rules were changed. */
const CORS_CHANGES_AT = SALT_AT + SALT_CELLS;
const ROWS_AT = CORS_CHANGES_AT + LIMITS.bucketCorsCells;

/** One thread's view of the memory. */
export class SharedMemory {
  /** To be posted to another thread, which makes a view of its own. */
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #row: number;
  readonly #rows: number;

  constructor({ buffer, row }: { buffer: SharedArrayBuffer; row: number }) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
    this.#row = row;
    this.#rows = (this.#cells.length - ROWS_AT) / ROW_CELLS;
    assert(row >= 0 && row < this.#rows, "A worker counts in a row that is there");
  }

  /** Memory for `rows` workers, seen from the first row. */
  static create(rows: number): SharedMemory {
    const cells = ROWS_AT + rows * ROW_CELLS;
    const buffer = new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(buffer).set(crypto.getRandomValues(new Int32Array(SALT_CELLS)), SALT_AT);
    return new SharedMemory({ buffer, row: 0 });
  }

  /** Takes one of `max`. Of two threads that reach for the last one at once, both may go without; never do both get it. */
  take(column: number, max: number): boolean {
    this.add(column, 1);
    if (this.sum(column) <= max) return true;
    this.add(column, -1);
    return false;
  }

  /** Adds to this thread's own count. */
  add(column: number, count: number): void {
    Atomics.add(this.#cells, this.#at(this.#row, column), count);
  }

  /** What all threads together have taken. */
  sum(column: number): number {
    let sum = 0;
    for (let row = 0; row < this.#rows; row++) {
      sum += Atomics.load(this.#cells, this.#at(row, column));
    }
    return sum;
  }

  /** Wakes the one that has waited longest, in whichever thread, in {@linkcode releasedSince}. */
  announceRelease(): void {
    Atomics.add(this.#cells, RELEASES_AT, 1);
    Atomics.notify(this.#cells, RELEASES_AT, 1);
  }

  /** Number of the last release, for {@linkcode releasedSince}. */
  releases(): number {
    return Atomics.load(this.#cells, RELEASES_AT);
  }

  /** Resolves after a release later than `seen`, or after `timeoutMs`, or {@linkcode LIMITS.sharedWaitSliceMs}. */
  async releasedSince(seen: number, timeoutMs: number): Promise<void> {
    await this.#changed(RELEASES_AT, { from: seen, timeoutMs });
  }

  /** Tells all threads that the CORS rules of `bucket` are not what they were. */
  announceCorsChange(bucket: string): void {
    Atomics.add(this.#cells, CORS_CHANGES_AT + hashToCell(bucket, LIMITS.bucketCorsCells), 1);
  }

  /** A number that is another after each {@linkcode announceCorsChange} of `bucket`. */
  corsChanges(bucket: string): number {
    return Atomics.load(
      this.#cells,
      CORS_CHANGES_AT + hashToCell(bucket, LIMITS.bucketCorsCells),
    );
  }

  /** The number of the lock that `key` falls into. */
  lockOf(key: string): number {
    const salt = this.#cells.subarray(SALT_AT, ROWS_AT).join();
    return Number.parseInt(sha256Hex(encodeUtf8(`${salt} ${key}`)).slice(0, 8), 16) %
      LIMITS.keyLockCells;
  }

  /** Takes the lock number `index` once nobody has it; whether it has, within `timeoutMs`. */
  async lock(index: number, timeoutMs: number): Promise<boolean> {
    const at = LOCKS_AT + index;
    const deadlineMs = monotonicMs() + timeoutMs;
    for (;;) {
      const holder = Atomics.compareExchange(this.#cells, at, 0, this.#holder);
      if (holder === 0) return true;
      const leftMs = deadlineMs - monotonicMs();
      if (leftMs <= 0) return false;
      await this.#changed(at, { from: holder, timeoutMs: leftMs });
    }
  }

  /** Gives the lock back. */
  unlock(index: number): void {
    this.#unlock(LOCKS_AT + index, this.#holder);
  }

  /** Gives back all that the worker of `row` held. INVARIANT: it has ended. */
  clear(row: number): void {
    for (let index = 0; index < LIMITS.keyLockCells; index++) {
      this.#unlock(LOCKS_AT + index, row + 1);
    }
    for (let column = 0; column < ROW_CELLS; column++) {
      const at = this.#at(row, column);
      if (Atomics.load(this.#cells, at) !== 0) Atomics.store(this.#cells, at, 0);
    }
    this.announceRelease();
  }

  get #holder(): number {
    return this.#row + 1;
  }

  #unlock(at: number, holder: number): void {
    if (Atomics.compareExchange(this.#cells, at, holder, 0) !== holder) return;
    Atomics.notify(this.#cells, at, 1);
  }

  async #changed(
    at: number,
    { from, timeoutMs }: { from: number; timeoutMs: number },
  ): Promise<void> {
    const sliceMs = Math.min(timeoutMs, LIMITS.sharedWaitSliceMs);
    const waiting = Atomics.waitAsync(this.#cells, at, from, sliceMs);
    if (!waiting.async) return;
    // A timer of its own: Deno's event loop does not know of such a wait, nor wakes at its end.
    await endsWithin(sliceMs, waiting.value);
  }

  #at(row: number, column: number): number {
    return ROWS_AT + row * ROW_CELLS + column;
  }
}

/**
 * A number below `cells` for `text`, always the same: FNV-1a,
 * {@link https://www.rfc-editor.org/rfc/rfc9923}, of its UTF-16 units.
 */
export function hashToCell(text: string, cells: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % cells;
}
