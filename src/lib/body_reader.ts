/**
 * Reads a request's body in large pieces, and what a client still sends of one that nobody wants any more.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { type BodySource, type ByteSource, findSource, openReader } from "./byte_source.ts";
import { STRANGERS, THREAD_READS } from "./reading_pace.ts";
import { nextTurn } from "./turn_gate.ts";

type Bytes = Uint8Array<ArrayBuffer>;
/** What {@linkcode BodyReader} reads from. */
interface PieceReader {
  /** Whether pieces lie in memory that was brought for them alone. */
  readonly ownsPieces: boolean;
  /** At most `bytesMax`, where pieces lie in memory that is brought; `undefined` at the end. */
  read(bytesMax: number): Promise<Bytes | undefined>;
  cancel(reason: unknown): void;
}

/** What is thrown away of a body. */
export interface Discard {
  /** Resolves when no more of it is. */
  readonly ended: Promise<void>;
  /** Ends it at once. */
  cancel(): void;
}

const discards = new WeakMap<BodySource, Discard>();

/** What is thrown away of `body`; `undefined` where nobody has begun to. */
export function findDiscard(body: BodySource): Discard | undefined {
  return discards.get(body);
}

/** The one reader of a body. */
export class BodyReader {
  readonly #body: BodySource;
  readonly #reader: PieceReader;
  #pieceBytes = 0;
  #smallReads = 0;
  #isCancelled = false;

  /** `bytesExpected` saves memory where a body is short; a longer one is read all the same. */
  constructor(body: BodySource, bytesExpected = Infinity) {
    this.#body = body;
    this.#reader = openPieces(body);
    this.expect(bytesExpected);
  }

  /** So many bytes are still to come, at the most: pieces are made to measure. */
  expect(bytes: number): void {
    this.#pieceBytes = Math.min(LIMITS.bodyPieceBytesMax, Math.max(1, bytes));
  }

  /** The next piece, whose memory is the caller's; `undefined` at the end. Rejects when the client has gone. */
  async read(): Promise<Bytes | undefined> {
    const piece = await this.#reader.read(this.#pieceBytes);
    if (piece === undefined) return undefined;
    // Bytes that are there already come without a turn of the event loop: nobody else would be served meanwhile.
    const isSmall = piece.length < LIMITS.smallPieceBytesMax;
    if (isSmall && ++this.#smallReads % LIMITS.smallReadsInARowMax === 0) await nextTurn();
    return piece;
  }

  /**
   * Gives back the memory of `piece`, or of a part of one, which is not read or written any more: V8 lets 64 MiB of it
   * pile up before it collects. Who has handed the bytes on to the runtime, as `fetch`'s body, may free them: the
   * runtime holds what it still sends.
   */
  free(piece: Bytes): void {
    // The pieces of other streams may lie in memory that others use too, as Node's buffers do.
    if (this.#reader.ownsPieces) piece.buffer.transfer(0);
  }

  /** Ends the body at once. */
  cancel(reason?: unknown): void {
    this.#isCancelled = true;
    this.#reader.cancel(reason);
  }

  /**
   * Reads on and throws away, for a while and never for ever: a client that is answered while it sends would otherwise
   * meet a closed stream before it has read the answer (HTTP/2's RST_STREAM, TCP's RST), and try again. nginx calls
   * this a lingering close. Ends at the body's end, after {@linkcode LIMITS.discardedBodyBytesMax} or
   * {@linkcode LIMITS.discardedBodyTimeoutMs}. Begins when `reading`, a read that another has begun, has settled. Never rejects;
   * need not be awaited.
   */
  discard(reading?: Promise<unknown>): Promise<void> {
    const ended = this.#discard(reading);
    discards.set(this.#body, { ended, cancel: () => this.cancel() });
    return ended;
  }

  async #discard(reading: Promise<unknown> | undefined): Promise<void> {
    const timer = setTimeout(() => this.cancel(), LIMITS.discardedBodyTimeoutMs);
    try {
      if (reading !== undefined) await reading;
      for (let bytes = 0; bytes <= LIMITS.discardedBodyBytesMax;) {
        const piece = await this.read();
        if (piece === undefined) return;
        const isFirst = bytes === 0;
        const weight = weighDiscarded(piece.length);
        bytes += weight;
        this.free(piece);
        // What has no more than a piece costs less than its head, and who waits for its turn holds no memory.
        if (isFirst) continue;
        const isWanted = (): boolean => !this.#isCancelled;
        const turn = THREAD_READS.take(STRANGERS, { bytes: weight, isWanted });
        if (turn !== undefined) await turn;
      }
      this.cancel();
    } catch {
      // The client has gone, which is what cancelling is for.
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What a piece of `bytes` takes of {@linkcode LIMITS.discardedBodyBytesMax}. */
function weighDiscarded(bytes: number): number {
  return bytes < LIMITS.tinyPieceBytesMax ? LIMITS.discardedTinyPieceBytes : bytes;
}

function openPieces(body: BodySource): PieceReader {
  if (!(body instanceof ReadableStream)) return readSource(body);
  const source = findSource(body);
  return source === undefined ? readStream(body) : readSource(source);
}

function readSource(source: ByteSource): PieceReader {
  return {
    ownsPieces: true,
    read: async (pieceBytes) => {
      const memory = new Uint8Array(pieceBytes);
      const length = await source.read(memory);
      return length === 0 ? undefined : memory.subarray(0, length);
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** Only a byte stream, such as a listener's own, fills memory that its reader brings. */
function readStream(body: ReadableStream<Bytes>): PieceReader {
  const reader = openReader(body);
  // A body that failed itself has nothing left to cancel.
  const cancel = (reason: unknown): void => void reader.cancel(reason).catch(() => {});
  if (!(reader instanceof ReadableStreamBYOBReader)) {
    return { ownsPieces: false, read: async () => (await reader.read()).value, cancel };
  }
  return {
    ownsPieces: true,
    read: async (pieceBytes) => {
      const { value, done } = await reader.read(new Uint8Array(pieceBytes));
      // At its end a byte stream gives the memory back as a value.
      return done ? undefined : value;
    },
    cancel,
  };
}
