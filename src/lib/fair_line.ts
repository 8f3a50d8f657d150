/**
 * Waiting for a share of the connections, in one line of all threads that is served round robin by user: the user whose last
 * turn was longest ago is next, however many requests others have in the line.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { findRefusal, type Share, takeShare } from "./share.ts";
import { COLUMNS } from "./shared_layout.ts";
import type { SharedMemory } from "./shared_memory.ts";

interface Waiter {
  readonly share: Share;
  readonly deadlineMs: number;
  readonly done: (isTaken: boolean) => void;
}

/** One thread's part of the line. */
export class FairLine {
  readonly #memory: SharedMemory;
  /** By cell of their user; of a user in the order of coming. */
  readonly #waiters = new Map<number, Waiter[]>();
  #wake = Promise.withResolvers<void>();
  #isServing = false;
  /** Requests that wait here. */
  #size = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** Takes a connection if one is free now and nobody who waits comes before this user. */
  tryTake(share: Share): boolean {
    const memory = this.#memory;
    if (memory.peek(COLUMNS.connectionsWaiting) > 0) {
      const isInLine = memory.peek(memory.userColumn(share.cell, "connectionsWaiting")) > 0;
      if (isInLine || !memory.mayPass(memory.turnOf(share.cell))) return false;
    }
    return takeShare(memory, { shared: "connections", share }) === undefined;
  }

  /** Takes one once it is this user's turn; `false` where that has not come within `timeoutMs`. */
  take(share: Share, timeoutMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#count(share.cell, 1);
    let waiters = this.#waiters.get(share.cell);
    if (waiters === undefined) this.#waiters.set(share.cell, waiters = []);
    waiters.push({ share, deadlineMs: this.#memory.nowMs() + timeoutMs, done: resolve });
    if (this.#isServing) this.#serve({ defers: true });
    else void this.#serveUntilEmpty();
    return promise;
  }

  /** Requests of this user that wait, in all threads. */
  waiting(cell: number): number {
    return this.#memory.sum(this.#memory.userColumn(cell, "connectionsWaiting"));
  }

  /** A connection was given back: the next user takes it. */
  serve(): void {
    const memory = this.#memory;
    if (memory.sum(COLUMNS.connectionsWaiting) === 0) return;
    this.#serve({ defers: true });
    if (memory.sum(COLUMNS.connectionsWaiting) > this.#size) memory.announceRelease();
  }

  /** INVARIANT: runs while anybody waits. */
  async #serveUntilEmpty(): Promise<void> {
    this.#isServing = true;
    const memory = this.#memory;
    let releases = memory.releases() - 1;
    while (this.#waiters.size > 0) {
      const seen = memory.releases();
      // A thread that is next and takes nothing although nothing has changed for a while is stuck, or dead.
      if (this.#serve({ defers: seen !== releases })) memory.announceRelease();
      this.#giveUp();
      if (this.#waiters.size === 0) break;
      releases = memory.releases();
      this.#wake = Promise.withResolvers();
      await memory.releasedSince(releases, this.#wake.promise);
    }
    memory.announceNext(undefined);
    this.#isServing = false;
  }

  /** Gives free connections to those of this thread whose turn it is, and announces whose turn is next. Returns whether anybody got one. */
  #serve({ defers }: { defers: boolean }): boolean {
    const memory = this.#memory;
    for (let hasServed = false;;) {
      const next = this.#findNext();
      memory.announceNext(next?.turn);
      if (next === undefined) return hasServed;
      if (defers && !memory.isFirst(next.turn)) return hasServed;
      const { share } = next.waiter;
      if (takeShare(memory, { shared: "connections", share }) !== undefined) return hasServed;
      memory.giveTurn(share.cell);
      this.#leave(next.waiter, true);
      hasServed = true;
    }
  }

  /** Of the users who may have one more connection, the one whose last turn was longest ago. A user who holds none may always have one. */
  #findNext(): { waiter: Waiter; turn: number } | undefined {
    const memory = this.#memory;
    let found: { waiter: Waiter; turn: number } | undefined;
    let left = LIMITS.usersComparedMax;
    for (const [cell, [waiter]] of this.#waiters) {
      if (waiter === undefined || !this.#mayHave(waiter.share)) continue;
      const turn = memory.turnOf(cell);
      if (found === undefined || (turn - found.turn | 0) < 0) found = { waiter, turn };
      if (--left === 0) break;
    }
    return found;
  }

  #mayHave(share: Share): boolean {
    const memory = this.#memory;
    const refusal = findRefusal(memory, { shared: "connections", share, taken: 0 });
    if (refusal === undefined) return true;
    return refusal === "all" && memory.peek(memory.userColumn(share.cell, "connections")) === 0;
  }

  #giveUp(): void {
    const nowMs = this.#memory.nowMs();
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of waiters.filter(({ deadlineMs }) => deadlineMs <= nowMs)) {
        this.#leave(waiter, false);
      }
    }
  }

  #leave(waiter: Waiter, isTaken: boolean): void {
    const { cell } = waiter.share;
    const waiters = this.#waiters.get(cell) ?? [];
    waiters.splice(waiters.indexOf(waiter), 1);
    this.#waiters.delete(cell);
    // Behind the others, of whom only some are compared.
    if (waiters.length > 0) this.#waiters.set(cell, waiters);
    this.#count(cell, -1);
    waiter.done(isTaken);
    if (this.#waiters.size === 0) this.#wake.resolve();
  }

  #count(cell: number, count: number): void {
    this.#size += count;
    this.#memory.add(COLUMNS.connectionsWaiting, count);
    this.#memory.add(this.#memory.userColumn(cell, "connectionsWaiting"), count);
  }
}
