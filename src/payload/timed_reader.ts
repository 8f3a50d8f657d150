/**
 * Reading of a body that has to be there in time.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import type { BodySource } from "../lib/byte_source.ts";
import { THREAD_READS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What {@linkcode TimedReader} is told. */
export interface TimedReaderOptions {
  readonly timeoutMs: number;
  /** In whose line reads wait; see {@linkcode ReadingPace}. */
  readonly user: string;
  /** Of a timeout, for the log. */
  readonly reason?: string;
}

/** Reads small pieces of a body, which is cancelled after a time; disposing of it ends the time. */
export class TimedReader implements Disposable {
  /** The rest of the body, for which the time does not count any more. */
  readonly reader: BodyReader;
  readonly #user: string;
  readonly #reason: string | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  #pieceBytes = LIMITS.documentPieceBytes;
  #timedOut = false;

  constructor(body: BodySource, { timeoutMs, user, reason }: TimedReaderOptions) {
    // Never into a single byte: on Deno 2.9.6 such a read does not end if the body ends after the read began.
    this.reader = new BodyReader(body, this.#pieceBytes);
    this.#user = user;
    this.#reason = reason;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.reader.cancel();
    }, timeoutMs);
  }

  /** Reads at most so much at once from now on, which is {@linkcode LIMITS.documentPieceBytes} at first. */
  expect(bytes: number): void {
    this.#pieceBytes = bytes;
    this.reader.expect(bytes);
  }

  /** The next piece; `undefined` at the end. @throws {S3Error} `RequestTimeout`, `IncompleteBody`. */
  async read(): Promise<Bytes | undefined> {
    let piece: Bytes | undefined;
    const turn = THREAD_READS.take(this.#user, { bytes: this.#pieceBytes });
    if (turn !== undefined) await turn;
    try {
      piece = await this.reader.read();
    } catch (cause) {
      throw cause instanceof S3Error ? cause : bodyUnreadable(cause);
    }
    if (this.#timedOut) {
      const reason = this.#reason;
      throw new S3Error("RequestTimeout", reason === undefined ? {} : { reason });
    }
    return piece;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** The error of a body that the client has broken off. */
export function bodyUnreadable(cause: unknown): S3Error {
  return new S3Error("IncompleteBody", {
    message: "The request body terminated unexpectedly",
    cause,
    reason: "body_unreadable",
  });
}
