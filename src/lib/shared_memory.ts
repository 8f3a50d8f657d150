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
import {
  BUCKETS_BYTES,
  BUCKETS_OF_USER,
  COLUMNS,
  CORS_CHANGES_AT,
  LOCKS_AT,
  RELEASES_AT,
  ROW_CELLS,
  ROWS_AT,
  SALT_AT,
  SALT_CELLS,
  TURNS_AT,
  USER_COUNTS,
  USER_COUNTS_SIZE,
  type UserCount,
  USERS_AT,
} from "./shared_layout.ts";

/** One thread's view of the memory. */
export class SharedMemory {
  /** To be posted to another thread, which makes a view of its own. */
  readonly buffer: SharedArrayBuffer;
  /** {@linkcode BUCKETS_OF_USER} for each user, of all threads together. */
  readonly buckets: BigInt64Array<SharedArrayBuffer>;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  readonly #row: number;
  readonly #rows: number;
  readonly #clockAheadMs: number;
  readonly #userCells = new Map<string, number>();

  /** `nowMs` is what {@linkcode nowMs} of another view says now. Default: this view's clock is the first. */
  constructor({ buffer, row, nowMs }: { buffer: SharedArrayBuffer; row: number; nowMs?: number }) {
    this.buffer = buffer;
    this.buckets = new BigInt64Array(buffer, 0, LIMITS.userCells * BUCKETS_OF_USER);
    this.#cells = new Int32Array(buffer, BUCKETS_BYTES);
    this.#row = row;
    this.#clockAheadMs = nowMs === undefined ? 0 : nowMs - monotonicMs();
    this.#rows = (this.#cells.length - ROWS_AT) / ROW_CELLS;
    assert(row >= 0 && row < this.#rows, "A worker counts in a row that is there");
  }

  /** Memory for `rows` workers, seen from the first row. */
  static create(rows: number): SharedMemory {
    const cells = ROWS_AT + rows * ROW_CELLS;
    const buffer = new SharedArrayBuffer(BUCKETS_BYTES + cells * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(buffer, BUCKETS_BYTES)
      .set(crypto.getRandomValues(new Int32Array(SALT_CELLS)), SALT_AT);
    return new SharedMemory({ buffer, row: 0 });
  }

  /** Milliseconds on one clock for all threads, each of which counts its own from its start; it never jumps. */
  nowMs(): number {
    return monotonicMs() + this.#clockAheadMs;
  }

  /** Where `user` is counted; rarely with another: 65 536 cells, chosen anew at every start. */
  userCell(user: string): number {
    let cell = this.#userCells.get(user);
    if (cell !== undefined) return cell;
    if (this.#userCells.size >= LIMITS.userCells) this.#userCells.clear();
    this.#userCells.set(user, cell = this.#hash(user, LIMITS.userCells));
    return cell;
  }

  /** The column of a user's own count. */
  userColumn(cell: number, count: UserCount): number {
    return USERS_AT + cell * USER_COUNTS_SIZE + USER_COUNTS[count];
  }

  /** When the user was last given a turn: an earlier one is less, by {@linkcode isEarlierTurn}. */
  turnOf(cell: number): number {
    return Atomics.load(this.#cells, TURNS_AT + 1 + cell);
  }

  /** Gives the user a turn: everybody else now comes first. */
  giveTurn(cell: number): void {
    const turn = Atomics.add(this.#cells, TURNS_AT, 1) + 1;
    Atomics.store(this.#cells, TURNS_AT + 1 + cell, turn);
  }

  /** Tells other threads whose turn is next here: {@linkcode turnOf} the user, `undefined` for nobody. */
  announceNext(turn: number | undefined): void {
    const value = turn === undefined ? 0 : turn * 2 | 1; // 31 bits of it are enough to compare
    Atomics.store(this.#cells, this.#at(this.#row, COLUMNS.nextTurn), value);
  }

  /** Whether nobody in other threads is next who comes before `turn`. */
  isFirst(turn: number): boolean {
    return !this.#isAnyNext((row, next) => row !== this.#row && (next - (turn * 2 | 1) | 0) < 0);
  }

  /** Whether a newcomer with `turn` comes before all that wait: who waits comes before one who was served as long ago. */
  mayPass(turn: number): boolean {
    return !this.#isAnyNext((_row, next) => (next - (turn * 2 | 1) | 0) <= 0);
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

  /** Says that this thread goes on. */
  beat(): void {
    this.add(COLUMNS.beats, 1);
  }

  /** Another number after each {@linkcode beat} of the thread that counts in `row`. */
  beatsOf(row: number): number {
    return Atomics.load(this.#cells, this.#at(row, COLUMNS.beats));
  }

  /** What all threads together have taken, whatever this one has added before included. */
  sum(column: number): number {
    // In order behind what was added; then plain reads do, which cost nothing where each of these takes 50 ns (2.9.6).
    Atomics.load(this.#cells, this.#at(this.#row, column));
    return this.peek(column);
  }

  /** The same, of a moment ago. */
  peek(column: number): number {
    const cells = this.#cells;
    let sum = 0;
    for (let at = ROWS_AT + column; at < cells.length; at += ROW_CELLS) sum += cells[at] ?? 0;
    return sum;
  }

  /** Wakes every thread that waits in {@linkcode releasedSince}. */
  announceRelease(): void {
    Atomics.add(this.#cells, RELEASES_AT, 1);
    Atomics.notify(this.#cells, RELEASES_AT);
  }

  /** Number of the last release, for {@linkcode releasedSince}. */
  releases(): number {
    return Atomics.load(this.#cells, RELEASES_AT);
  }

  /** Resolves after a release later than `seen`, or with `woken`, or after {@linkcode LIMITS.sharedWaitSliceMs}. */
  async releasedSince(seen: number, woken: Promise<void>): Promise<void> {
    await this.#changed(RELEASES_AT, { from: seen, timeoutMs: Infinity, woken });
  }

  /** Tells all threads that the CORS rules of `bucket` are not what they were. */
  announceCorsChange(bucket: string): void {
    Atomics.add(this.#cells, CORS_CHANGES_AT + this.#hash(bucket, LIMITS.bucketCorsCells), 1);
  }

  /** A number that is another after each {@linkcode announceCorsChange} of `bucket`. */
  corsChanges(bucket: string): number {
    return Atomics.load(
      this.#cells,
      CORS_CHANGES_AT + this.#hash(bucket, LIMITS.bucketCorsCells),
    );
  }

  /** The number of the lock that `key` falls into. */
  lockOf(key: string): number {
    return this.#hash(key, LIMITS.keyLockCells);
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

  #isAnyNext(comesFirst: (row: number, next: number) => boolean): boolean {
    for (let row = 0; row < this.#rows; row++) {
      const next = Atomics.load(this.#cells, this.#at(row, COLUMNS.nextTurn));
      if (next !== 0 && comesFirst(row, next)) return true;
    }
    return false;
  }

  get #holder(): number {
    return this.#row + 1;
  }

  #hash(text: string, cells: number): number {
    const salt = this.#cells.subarray(SALT_AT, SALT_AT + SALT_CELLS).join();
    return Number.parseInt(sha256Hex(encodeUtf8(`${salt} ${text}`)).slice(0, 8), 16) % cells;
  }

  #unlock(at: number, holder: number): void {
    if (Atomics.compareExchange(this.#cells, at, holder, 0) !== holder) return;
    Atomics.notify(this.#cells, at, 1);
  }

  async #changed(
    at: number,
    { from, timeoutMs, woken }: { from: number; timeoutMs: number; woken?: Promise<void> },
  ): Promise<void> {
    const sliceMs = Math.min(timeoutMs, LIMITS.sharedWaitSliceMs);
    const waiting = Atomics.waitAsync(this.#cells, at, from, sliceMs);
    if (!waiting.async) return;
    const changed = woken === undefined ? waiting.value : Promise.race([waiting.value, woken]);
    // A timer of its own: Deno's event loop does not know of such a wait, nor wakes at its end.
    await endsWithin(sliceMs, changed);
  }

  #at(row: number, column: number): number {
    return ROWS_AT + row * ROW_CELLS + column;
  }
}
