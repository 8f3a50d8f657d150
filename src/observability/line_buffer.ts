/**
 * Lines on their way out: written in batches, bounded, and dropped rather than waited for.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** Writes one batch of whole lines; resolves when another may follow. */
export type WriteLines = (lines: string) => Promise<void>;

/** What {@linkcode LineBuffer} needs. */
export interface LineBufferOptions {
  readonly write: WriteLines;
  /** The line that tells how many were dropped. */
  readonly formatDropped: (lines: number) => string;
  /** Is told of lines as they are lost. */
  readonly dropped: (lines: number) => void;
}

/**
 * A queue of lines that never blocks and never grows past
 * {@linkcode LIMITS.logBufferCharactersMax}, the batch being written included. A reader that
 * stalls, or a write that fails, costs lines; the next batch says how many.
 */
export class LineBuffer {
  readonly #write: WriteLines;
  readonly #formatDropped: (lines: number) => string;
  readonly #dropped: (lines: number) => void;
  #lines: string[] = [];
  #charactersHeld = 0;
  #linesDropped = 0;
  /** One write at a time, in order. INVARIANT: never rejects. */
  #lastWrite: Promise<void> = Promise.resolve();
  #isWriting = false;
  #batchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ write, formatDropped, dropped }: LineBufferOptions) {
    this.#dropped = dropped;
    this.#write = write;
    this.#formatDropped = formatDropped;
  }

  /** Takes one line or several, each with its line feed, or drops them. */
  push(lines: string): void {
    if (this.#charactersHeld + lines.length > LIMITS.logBufferCharactersMax) {
      this.#drop(countLines(lines));
      return;
    }
    this.#lines.push(lines);
    this.#charactersHeld += lines.length;
    this.#startBatchTimer();
  }

  /** Writes at once; resolves when every line pushed so far is written or dropped. */
  flush(): Promise<void> {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    this.#lastWrite = this.#lastWrite.then(() => this.#writeBatch());
    return this.#lastWrite;
  }

  #drop(lines: number): void {
    this.#linesDropped += lines;
    this.#dropped(lines);
  }

  #startBatchTimer(): void {
    if (this.#isWriting || this.#batchTimer !== undefined) return;
    this.#batchTimer = setTimeout(() => void this.flush(), LIMITS.logBatchDelayMs);
  }

  async #writeBatch(): Promise<void> {
    const lines = this.#lines;
    const dropped = this.#linesDropped;
    if (lines.length === 0 && dropped === 0) return;
    const batch = lines.join("");
    this.#lines = [];
    this.#linesDropped = 0;
    this.#isWriting = true;
    try {
      await this.#write(dropped === 0 ? batch : batch + this.#formatDropped(dropped));
    } catch {
      // That a write failed can only be said in the next batch, if one ever succeeds.
      this.#linesDropped += dropped;
      this.#drop(countLines(batch));
    }
    this.#isWriting = false;
    this.#charactersHeld -= batch.length;
    // Lost lines alone do not cause a write: otherwise a closed stdout would be written to for ever.
    if (this.#lines.length > 0) this.#startBatchTimer();
  }
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}
