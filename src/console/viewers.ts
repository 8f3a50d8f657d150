/**
 * Who watches: each asks every second or two, and counts until it has not asked for a while.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { ConsoleError } from "./console_error.ts";

/** Those of the live view. */
export class Viewers {
  readonly #lastAskedMs = new Map<string, number>();

  /** How many there are. */
  get count(): number {
    return this.#lastAskedMs.size;
  }

  /**
   * Counts `viewer`.
   * @throws {ConsoleError} `too_many_viewers` for one more than {@linkcode LIMITS.consoleViewersMax}.
   */
  admit(viewer: string, nowMs: number): void {
    for (const [other, askedMs] of this.#lastAskedMs) {
      if (nowMs - askedMs > LIMITS.consoleViewerIdleMs) this.#lastAskedMs.delete(other);
    }
    if (!this.#lastAskedMs.has(viewer) && this.count >= LIMITS.consoleViewersMax) {
      throw new ConsoleError("too_many_viewers", {
        message: `${this.count} administrators watch already.`,
      });
    }
    this.#lastAskedMs.set(viewer, nowMs);
  }
}
