/**
 * Answers on their way to a client: a small one goes out whole, in one write; a large one through one piece of memory, as
 * fast as the slower of both sides. What the backend broke off never looks complete.
 * @module
 */

import type { ClientSocket } from "./client_socket.ts";
import { chunkRoom, frameChunk, frameLastChunk } from "../http1/write_chunk.ts";
import { formatResponseHead } from "../http1/write_head.ts";
import { type ByteSource, cancelBody, openSource } from "../lib/byte_source.ts";
import { writeLatin1 } from "../lib/bytes.ts";
import type { CoarseClock } from "../lib/coarse_clock.ts";
import { LeastRate } from "../lib/least_rate.ts";
import type { PiecePool } from "../lib/piece_pool.ts";
import { TransferPiece } from "../lib/transfer_piece.ts";
import { LIMITS } from "../limits.ts";
import type { Answer } from "../respond.ts";
import type { Ending } from "../stages/observe.ts";

/** What {@linkcode AnswerSender} needs. */
export interface AnswerSenderOptions {
  readonly socket: ClientSocket;
  readonly pieces: PiecePool;
  readonly clock: CoarseClock;
  /** How long a response may stand still, whoever is slow; `undefined`: for ever. */
  readonly stallTimeoutMs: number | undefined;
  /** See {@linkcode LeastRate}. */
  readonly minBytesPerSecond: number;
  /** Ends the connection at once. */
  readonly close: () => void;
}

/** To which request an answer is, and what follows it. */
export interface SendOptions {
  readonly method: string;
  readonly minorVersion: 0 | 1;
  /** The connection ends with this answer. */
  readonly closes: boolean;
  /** The client has closed its sending side: it still gets small answers. */
  readonly isGone: boolean;
  /** Nobody is there to be answered. */
  readonly isAbandoned: boolean;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The answers of one connection, one after the other. */
export class AnswerSender {
  readonly #options: AnswerSenderOptions;
  #source: ByteSource | undefined;
  #waitsForBackend = false;
  #hasBackendStalled = false;
  #hasClientLeft = false;
  #rate: LeastRate | undefined;
  /** When the answer has stood still for too long. */
  #deadlineMs = Infinity;

  constructor(options: AnswerSenderOptions) {
    this.#options = options;
  }

  /** Sends `answer`; resolves when its last byte is out, or it has ended otherwise, and with it the connection. */
  async send(answer: Answer, options: SendOptions): Promise<Ending> {
    const { status, headers, body } = answer;
    const { minorVersion, isGone } = options;
    if (options.isAbandoned) {
      if (!(body instanceof Uint8Array)) await cancelBody(body);
      return "client_closed";
    }
    const takesBody = options.method !== "HEAD" && status !== 204 && status !== 304;
    const announced = findLength(headers);
    const length = body instanceof Uint8Array ? body.length : announced;
    if (takesBody && announced === undefined) {
      if (body === null) headers.push(["content-length", "0"]);
      else if (length !== undefined) headers.push(["content-length", String(length)]);
      else if (minorVersion === 1) headers.push(["transfer-encoding", "chunked"]);
    }
    headers.push(["date", this.#options.clock.httpDate]);
    if (options.closes) headers.push(["connection", "close"]);
    const head = formatResponseHead(status, headers);
    this.#hasBackendStalled = false;
    this.#rate = new LeastRate(this.#options.minBytesPerSecond);
    this.#moveDeadline();
    const source = body === null || body instanceof Uint8Array ? undefined : openSource(body);
    this.#source = source;
    try {
      if (source === undefined || !takesBody) {
        source?.cancel();
        await this.#sendWhole(head, takesBody && body instanceof Uint8Array ? body : undefined);
        return "complete";
      }
      if (length !== undefined && length <= LIMITS.wholeResponseBytesMax) {
        // With its head in one write: a second one costs as much as the rest of a small request.
        const piece = this.#lay(head, length + 1);
        // Asks for one byte more than there should be, so that the body's end is seen as well.
        const room = piece.subarray(head.length, head.length + length + 1);
        const read = source.takeRest?.(room) ?? await this.#fill(room, source);
        if (read !== length) return this.#breakOff(source);
        await this.#write(piece.subarray(0, head.length + length));
        this.#options.pieces.give(piece);
        return "complete";
      }
      if (isGone) {
        source.cancel();
        return "client_closed";
      }
      return await this.#pump(head, { source, length, isChunked: minorVersion === 1 });
    } catch {
      // A write failed.
      source?.cancel();
      this.#options.close();
      return this.#hasBackendStalled ? "backend_closed" : "client_closed";
    } finally {
      this.#source = undefined;
      this.#rate = undefined;
      this.#deadlineMs = Infinity;
    }
  }

  /** The client is not there any more. */
  leave(): void {
    this.#hasClientLeft = true;
    this.#source?.cancel();
  }

  /** Ends an answer that has stood still for too long. */
  check(nowMs: number): void {
    const isTooSlow = this.#rate?.isTooSlow(nowMs) === true;
    if (!isTooSlow && nowMs < this.#deadlineMs) return;
    this.#hasBackendStalled = !isTooSlow && this.#waitsForBackend;
    this.#options.close();
    this.#source?.cancel();
  }

  async #sendWhole(head: string, body?: Bytes): Promise<void> {
    const bytes = head.length + (body?.length ?? 0);
    const piece = this.#lay(head, bytes - head.length);
    if (body !== undefined) piece.set(body, head.length);
    await this.#write(piece.subarray(0, bytes));
    this.#options.pieces.give(piece);
  }

  /** A piece that begins with `head` and has room for `bodyBytes` behind it. */
  #lay(head: string, bodyBytes: number): Bytes {
    const bytes = head.length + bodyBytes;
    const taken = this.#options.pieces.take(bytes);
    // A document beyond every piece is rare.
    const piece = bytes <= taken.length ? taken : new Uint8Array(bytes);
    writeLatin1(head, { bytes: piece, at: 0 });
    return piece;
  }

  /** Reads `source` to its end, or until `room` is full; -1 where it failed. */
  async #fill(room: Bytes, source: ByteSource): Promise<number> {
    this.#waitsForBackend = true;
    for (let end = 0;;) {
      const read = await readOrNothing(source, room.subarray(end));
      if (read < 0) return -1;
      end += read;
      if (read > 0 && end < room.length) continue;
      this.#waitsForBackend = false;
      return end;
    }
  }

  async #pump(
    head: string,
    { source, length, isChunked }: {
      source: ByteSource;
      length: number | undefined;
      isChunked: boolean;
    },
  ): Promise<Ending> {
    const { pieces, clock } = this.#options;
    const chunked = isChunked && length === undefined;
    await this.#sendWhole(head); // it does not wait for the backend's first byte
    const piece = new TransferPiece(pieces);
    let sent = 0;
    try {
      for (;;) {
        const room = chunked ? chunkRoom(piece.bytes) : piece.bytes;
        this.#waitsForBackend = true;
        this.#moveDeadline();
        const read = await readOrNothing(source, room);
        this.#waitsForBackend = false;
        if (read < 0) return this.#breakOff(source);
        if (read === 0) break;
        sent += read;
        if (length !== undefined && sent > length) return this.#breakOff(source);
        this.#moveDeadline();
        const sinceMs = clock.nowMs;
        await this.#write(chunked ? frameChunk(piece.bytes, read) : room.subarray(0, read));
        piece.fit({ bytes: read, ms: clock.nowMs - sinceMs });
      }
      if (length !== undefined && sent !== length) return this.#breakOff(source);
      if (chunked) await this.#write(frameLastChunk(piece.bytes));
      piece.giveBack();
    } finally {
      piece.abandon();
    }
    return "complete";
  }

  /** The piece is not given back: a read that has failed may still be writing to it. */
  #breakOff(source: ByteSource): Ending {
    source.cancel();
    this.#options.close();
    return this.#hasClientLeft && !this.#hasBackendStalled ? "client_closed" : "backend_closed";
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { socket, clock } = this.#options;
    for (let at = 0; at < bytes.length;) {
      this.#rate?.waits(clock.nowMs);
      const written = await socket.write(at === 0 ? bytes : bytes.subarray(at));
      this.#rate?.moved(written, clock.nowMs);
      at += written;
    }
  }

  #moveDeadline(): void {
    this.#deadlineMs = this.#options.clock.after(this.#options.stallTimeoutMs);
  }
}

function findLength(headers: Answer["headers"]): number | undefined {
  for (const [name, value] of headers) {
    if (name === "content-length") return Number(value);
  }
  return undefined;
}

/** -1 where the source failed. */
async function readOrNothing(source: ByteSource, into: Uint8Array): Promise<number> {
  try {
    return await source.read(into);
  } catch {
    return -1;
  }
}
