/**
 * A bound on what one thread reads for itself: documents, the fields of forms, and what clients still send of requests that were
 * refused. A read of bytes that are there already takes no turn of the event loop, so two dozen clients that send a megabyte each
 * would keep everybody else waiting while all of it is read.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { monotonicMs } from "./clock.ts";
import { RoundRobin } from "./round_robin.ts";
import { nextTurn } from "./turn_gate.ts";

/** The line of whoever is not known yet, and of what is thrown away. */
export const STRANGERS = "";

/** What waits to be read. */
interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
  readonly isWanted: () => boolean;
}

/** Lets so many bytes be read at once, and so many a second. */
export class ReadingPace {
  readonly #waiting = new RoundRobin<Waiting>();
  /** Bytes that were read and have not been paid for by time. */
  #owedBytes = 0;
  #paidMs = 0;
  #isTurning = false;

  /**
   * Before a read of at most `bytes` for `user`: wait for what it returns; `undefined` where the read may begin at once. What is not
   * `isWanted` any more when its turn comes takes nothing from others: so the line is no longer than what is read at a time.
   */
  take(
    user: string,
    { bytes, isWanted = () => true }: { bytes: number; isWanted?: () => boolean },
  ): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#mayRead()) {
      this.#owedBytes += bytes;
      return undefined;
    }
    return new Promise((begin) => {
      this.#waiting.push(user, { bytes, begin, isWanted });
      if (!this.#isTurning) void this.#turn();
    });
  }

  #mayRead(): boolean {
    const nowMs = monotonicMs();
    const paid = (nowMs - this.#paidMs) * LIMITS.readBytesPerSecondMax / 1000;
    this.#owedBytes = Math.max(0, this.#owedBytes - paid);
    this.#paidMs = nowMs;
    return this.#owedBytes < LIMITS.readAtOnceBytesMax;
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    while (this.#waiting.size > 0) {
      await nextTurn();
      while (this.#mayRead()) {
        const waiting = this.#waiting.shift();
        if (waiting === undefined) break;
        if (waiting.isWanted()) this.#owedBytes += waiting.bytes;
        waiting.begin();
      }
    }
    this.#isTurning = false;
  }
}

/** Of this thread. */
export const THREAD_READS = new ReadingPace();
