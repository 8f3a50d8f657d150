/**
 * A request's body: read on demand, so that a slow backend slows its client down, and watched, so that neither can stop for
 * ever.
 * @module
 */

import { ChunkedBody } from "../http1/chunked_body.ts";
import type { Framing } from "../http1/framing.ts";
import { BrokenRule } from "../http1/refusals.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import type { CoarseClock } from "../lib/coarse_clock.ts";
import { LeastRate } from "../lib/least_rate.ts";
import type { PiecePool } from "../lib/piece_pool.ts";
import { STRANGERS, THREAD_READS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { IncomingBytes } from "./incoming_bytes.ts";

/** What {@linkcode ClientBody} is told. */
export interface ClientBodyOptions {
  readonly framing: Framing;
  readonly incoming: IncomingBytes;
  readonly clock: CoarseClock;
  /** How long the body may stand still once it is being read; `undefined`: for ever. */
  readonly stallTimeoutMs: number | undefined;
  /** See {@linkcode LeastRate}. */
  readonly minBytesPerSecond: number;
  /** Called before the first byte is asked for: the client may wait for `100 Continue`. */
  readonly onFirstRead: () => void;
  /** Called, before reads reject, when no more of the body will come. */
  readonly onBroken: (reason: unknown) => void;
}

/**
 * The body of one request. A read that is waiting when the body breaks rejects at once. Its memory may still be written to
 * until the connection is closed, so the caller must not use that memory again.
 */
export class ClientBody implements ByteSource {
  readonly #options: ClientBodyOptions;
  readonly #chunks: ChunkedBody | undefined;
  readonly #allRead = Promise.withResolvers<void>();
  /** How many bytes are still to come of a body with a length. */
  #left = Infinity;
  readonly #rate: LeastRate;
  #state: "unopened" | "open" | "read" | "over" = "unopened";
  #failure: unknown;
  /** Whether somebody waits for a byte. */
  #isWanted = false;
  #rejectRead = (_reason: unknown): void => {};
  /** Its framing is broken, so nothing behind it can be read as a body. */
  #isSenseless = false;
  /** The last read of the connection: the next one waits for it. */
  #lastRead: Promise<unknown> = Promise.resolve();
  /** When it has stood still for too long. */
  deadlineMs = Infinity;

  constructor(options: ClientBodyOptions) {
    this.#options = options;
    const { framing, minBytesPerSecond } = options;
    this.#rate = new LeastRate(minBytesPerSecond);
    this.#chunks = framing.kind === "chunked" ? new ChunkedBody() : undefined;
    if (framing.kind === "length") this.#left = framing.bytes;
  }

  /** Resolves when the last byte has been read by whoever wanted it. */
  get allRead(): Promise<void> {
    return this.#allRead.promise;
  }

  /** Whether the last byte has been read. */
  get isRead(): boolean {
    return this.#state === "read";
  }

  /** Bytes and framing of the next piece, in `into`. */
  read(into: Uint8Array): Promise<number> {
    if (this.#state === "read") return Promise.resolve(0);
    if (this.#state === "over") return Promise.reject(this.#failure);
    if (this.#state === "unopened") {
      this.#state = "open";
      this.#options.onFirstRead();
    }
    this.#isWanted = true;
    this.#rate.waits(this.#options.clock.nowMs);
    this.#moveDeadline();
    return new Promise((resolve, reject) => {
      this.#rejectRead = reject;
      const reading = this.#readPiece(into);
      this.#lastRead = reading.catch(() => {});
      reading.then(resolve, (error) => this.#fail(error));
    });
  }

  cancel(reason: unknown = new Error("The body is not wanted any more")): void {
    this.#end("over", reason);
  }

  /** No more of the body will come, or be waited for. */
  break(reason: unknown): void {
    if (this.#state === "read" || this.#state === "over") return;
    this.#failure = reason;
    this.#options.onBroken(reason);
    this.#end("over", reason);
  }

  /** Breaks it where it has stood still for too long: who does is the client while somebody waits for it. */
  check(nowMs: number): void {
    if (this.#state === "open" && this.#rate.isTooSlow(nowMs)) {
      this.break(new S3Error("RequestTimeout", { reason: "min_bytes_per_second" }));
    }
    if (nowMs < this.deadlineMs) return;
    this.break(
      this.#isWanted
        ? new S3Error("RequestTimeout", { reason: "client_stalled" })
        : new S3Error("GatewayTimeout", { reason: "backend_stalled" }),
    );
  }

  /**
   * Throws away what the client still sends, within {@linkcode LIMITS.discardedBodyBytesMax}: one that is answered while it
   * sends would otherwise meet TCP's RST before it has read the answer. Rejects where the connection broke or the body
   * makes no sense. A piece of `pieces` is taken for each read, so that who waits for its turn holds none; `isWanted` says whether
   * the connection is still there.
   */
  async discard(
    { pieces, isWanted }: { pieces: PiecePool; isWanted: () => boolean },
  ): Promise<void> {
    this.#end("over", new Error("Answered before the body came"));
    await this.#lastRead;
    if (this.#isSenseless) return;
    const { incoming } = this.#options;
    const bytes = LIMITS.discardedPieceBytes;
    for (let weight = 0; weight <= LIMITS.discardedBodyBytesMax && !this.#hasEnded;) {
      const turn = THREAD_READS.take(STRANGERS, { bytes, isWanted });
      if (turn !== undefined) await turn;
      const piece = pieces.take(bytes);
      const length = await incoming.readInto(piece.subarray(0, Math.min(bytes, this.#left)));
      const chunksBefore = this.#chunks?.count ?? 0;
      this.#unframe(piece.subarray(0, length));
      pieces.give(piece);
      if (length === 0) return;
      const chunks = (this.#chunks?.count ?? 0) - chunksBefore;
      // Tiny packets and tiny chunks cost as much as long ones.
      weight += length < LIMITS.tinyPieceBytesMax ? LIMITS.discardedTinyPieceBytes : length;
      weight += chunks * LIMITS.tinyPieceBytesMax;
    }
  }

  get #hasEnded(): boolean {
    return this.#left === 0 || this.#chunks?.isEnded === true;
  }

  /** The data of the next bytes; they are 0 only at the end. */
  async #readPiece(into: Uint8Array): Promise<number> {
    const { incoming } = this.#options;
    for (;;) {
      const room = into.length > this.#left ? into.subarray(0, this.#left) : into;
      const read = await incoming.readInto(room);
      if (read === 0) throw new Error("The client has gone");
      const length = this.#unframe(into.subarray(0, read));
      if (this.#state !== "open") return 0; // nobody waits for it any more
      this.#moveDeadline();
      this.#rate.moved(length, this.#options.clock.nowMs);
      if (length === 0) this.#rate.waits(this.#options.clock.nowMs); // framing alone
      if (this.#hasEnded) {
        this.#isWanted = false;
        this.#end("read");
        return length;
      }
      if (length > 0) {
        this.#isWanted = false;
        return length;
      }
    }
  }

  /** Moves the data of `piece` to its front; what lies behind the body's end goes back. */
  #unframe(piece: Uint8Array): number {
    if (this.#chunks === undefined) {
      this.#left -= piece.length;
      return piece.length;
    }
    const length = this.#chunks.decode(piece);
    if (this.#chunks.isEnded) this.#options.incoming.putBack(piece.subarray(this.#chunks.consumed));
    return length;
  }

  #fail(error: unknown): void {
    this.#isSenseless = error instanceof BrokenRule;
    this.break(this.#isSenseless ? new S3Error("IncompleteBody", { cause: error }) : error);
  }

  #end(state: "read" | "over", reason?: unknown): void {
    if (this.#state === "read" || this.#state === "over") return;
    this.#state = state;
    this.deadlineMs = Infinity;
    if (state === "read") {
      this.#allRead.resolve();
      this.#options.incoming.watch();
      return;
    }
    this.#failure ??= reason;
    this.#rejectRead(reason);
  }

  #moveDeadline(): void {
    this.deadlineMs = this.#options.clock.after(this.#options.stallTimeoutMs);
  }
}
