/**
 * A body at the rate that its user may have.
 * @module
 */

import { type BodySource, type ByteSource, cancelBody, openSource } from "./byte_source.ts";
import { monotonicMs } from "./clock.ts";

/** How a body is paced. */
export interface Pace {
  /** At most so much is read at a time: a small part of what is allowed a second. */
  readonly pieceBytes: number;
  /** Takes `bytes` of what the user may have; milliseconds until they are due. */
  spend(bytes: number): number;
}

/** Reads a body no faster than {@linkcode Pace} says. */
export class PacedSource implements ByteSource {
  readonly #body: BodySource;
  readonly #pace: Pace;
  #source: ByteSource | undefined;
  #dueMs = 0;
  #stopWaiting = (): void => {};
  #isOver = false;

  /** `body` is not touched before the first read: whoever refuses a request throws its body away. */
  constructor(body: BodySource, pace: Pace) {
    this.#body = body;
    this.#pace = pace;
  }

  async read(into: Uint8Array): Promise<number> {
    const waitMs = this.#dueMs - monotonicMs();
    if (waitMs > 0) await this.#wait(waitMs);
    if (this.#isOver) return 0;
    this.#source ??= openSource(this.#body);
    const length = await this.#source.read(into.subarray(0, this.#pace.pieceBytes));
    this.#dueMs = monotonicMs() + this.#pace.spend(length);
    return length;
  }

  cancel(reason?: unknown): void {
    this.#isOver = true;
    this.#stopWaiting();
    if (this.#source === undefined) void cancelBody(this.#body, reason);
    else this.#source.cancel(reason);
  }

  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
