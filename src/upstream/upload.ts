/**
 * A request's body on its way to the backend, through one reused piece of memory.
 * @module
 */

import type { ByteSource } from "../lib/byte_source.ts";
import type { PiecePool } from "../lib/piece_pool.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendConnection } from "./backend_connection.ts";

/** What {@linkcode Upload} needs. */
export interface UploadOptions {
  readonly source: ByteSource;
  /** What the backend was promised. */
  readonly bytes: number;
  readonly connection: BackendConnection;
  readonly pieces: PiecePool;
}

/** One upload. It never completes a body that fails or ends early: the connection is closed instead. */
export class Upload {
  readonly #options: UploadOptions;
  #isStopped = false;
  /** Whether the last byte has been handed to the system. */
  isSent = false;
  /** Of the source. */
  failure: S3Error | undefined;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** Nothing more is sent; what is on its way goes on. */
  stop(): void {
    if (this.isSent || this.#isStopped) return;
    this.#isStopped = true;
    this.#options.source.cancel();
  }

  /** Sends; settles when nothing more will be sent, and never rejects. */
  async run(): Promise<void> {
    const { source, bytes, connection, pieces } = this.#options;
    const piece = pieces.take(bytes);
    try {
      for (let left = bytes; left > 0;) {
        const length = await this.#read(piece);
        if (length === undefined) return;
        const wanted = Math.min(length, left);
        left -= wanted;
        await connection.write(piece.subarray(0, wanted));
      }
      this.isSent = true;
      pieces.give(piece);
    } catch {
      // What waits for the response hears of the connection's end, and may find an answer before it.
      source.cancel();
    }
  }

  /** `undefined` where there is nothing to send any more. Then `piece` is left to whoever may still be writing to it. */
  async #read(piece: Uint8Array): Promise<number | undefined> {
    const { source, connection } = this.#options;
    try {
      const length = await source.read(piece);
      if (this.#isStopped) return undefined;
      if (length > 0) return length;
      throw new S3Error("IncompleteBody");
    } catch (cause) {
      if (this.#isStopped) return undefined;
      this.failure = cause instanceof S3Error ? cause : new S3Error("IncompleteBody", { cause });
      connection.close();
      return undefined;
    }
  }
}
