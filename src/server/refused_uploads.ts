/**
 * Uploads that were refused, on `Deno.serve`: what their clients still send.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { LIMITS } from "../limits.ts";

/** Bodies that are thrown away: where there are more than {@linkcode LIMITS.discardingConnectionsMax}, the one of the longest is cut off. */
export class RefusedUploads {
  readonly #readers = new Set<BodyReader>();

  /** Throws `body` away; see {@linkcode BodyReader.discard}. */
  discard(body: ReadableStream<Uint8Array<ArrayBuffer>>): void {
    const reader = new BodyReader(body, LIMITS.discardedPieceBytes);
    this.#readers.add(reader);
    void reader.discard().finally(() => this.#readers.delete(reader));
    if (this.#readers.size <= LIMITS.discardingConnectionsMax) return;
    const [longest] = this.#readers;
    if (longest === undefined) return;
    // Not when it has ended: it may wait for its turn to read.
    this.#readers.delete(longest);
    longest.cancel();
  }
}
