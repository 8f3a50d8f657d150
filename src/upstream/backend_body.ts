/**
 * The body of a response on a connection of our own, until the connection can take another request.
 * @module
 */

import { ChunkedBody } from "../http1/chunked_body.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import type { ResponseHead } from "../http1/response_head.ts";
import type { BackendConnection } from "./backend_connection.ts";

/**
 * A body of at least one byte; an empty one counts as none. Bytes behind its end, in the same read or later, end the connection:
 * otherwise they would be taken for the answer to another request.
 */
export class BackendBody implements ByteSource {
  readonly #connection: BackendConnection;
  readonly #keepsAlive: boolean;
  readonly #chunks: ChunkedBody | undefined;
  readonly #endsWithConnection: boolean;
  /** Bytes still to come, where that is known. */
  #left = Infinity;
  #isOver = false;
  #failure: unknown;

  constructor(connection: BackendConnection, { framing, keepsAlive }: ResponseHead) {
    this.#connection = connection;
    this.#keepsAlive = keepsAlive;
    this.#chunks = framing.kind === "chunked" ? new ChunkedBody() : undefined;
    this.#endsWithConnection = framing.kind === "until_close";
    if (framing.kind === "length") this.#left = framing.bytes;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#isOver) return 0;
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#chunks === undefined
        ? await this.#readPlain(into)
        : await this.#readChunks(into, this.#chunks);
    } catch (error) {
      this.#break(error);
      throw error;
    }
  }

  takeRest(into: Uint8Array): number | undefined {
    const connection = this.#connection;
    const length = this.#left;
    // Bytes behind the body have to end the connection, so they must be noticed: read() does that.
    if (this.#isOver || length > into.length || connection.bufferedBytes !== length) {
      return undefined;
    }
    connection.takeBuffered(into);
    this.#left = 0;
    this.#end({ hasMore: false });
    return length;
  }

  cancel(reason?: unknown): void {
    // Making an error is expensive, and nearly every body has been read by now.
    if (!this.#isOver) this.#break(reason ?? new Error("The response is not wanted any more"));
  }

  async #readPlain(into: Uint8Array): Promise<number> {
    const length = await this.#connection.readBody(into);
    if (length === 0) {
      if (!this.#endsWithConnection) throw brokenOff();
      this.#end({ hasMore: true });
      return 0;
    }
    const wanted = Math.min(length, this.#left);
    this.#left -= wanted;
    if (this.#left === 0) this.#end({ hasMore: length > wanted });
    return wanted;
  }

  async #readChunks(into: Uint8Array, chunks: ChunkedBody): Promise<number> {
    for (;;) {
      const length = await this.#connection.readBody(into);
      if (length === 0) throw brokenOff();
      const decoded = chunks.decode(into.subarray(0, length));
      if (chunks.isEnded) this.#end({ hasMore: length > chunks.consumed });
      if (decoded > 0 || chunks.isEnded) return decoded;
    }
  }

  #end({ hasMore }: { hasMore: boolean }): void {
    this.#isOver = true;
    this.#connection.finish({ keepsAlive: this.#keepsAlive && !hasMore });
  }

  #break(reason: unknown): void {
    this.#failure ??= reason;
    this.#connection.close();
  }
}

function brokenOff(): Error {
  return new Error("The backend ended a connection inside a response's body");
}
