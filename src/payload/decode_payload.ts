/**
 * Bodies that are verified, while they stream, against what was promised about them. They are decoded in the memory that their reader
 * brings, and are passed on as they come, except the last piece, which waits until all is verified: a wrong body that is sent on with its
 * length is therefore never completed.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { BodyReader } from "../lib/body_reader.ts";
import { type BodySource, type ByteSource, openSource } from "../lib/byte_source.ts";
import { nextTurn } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { ProvenChecksum } from "./checksum.ts";
import { createPayloadDecoder, type PayloadDecoder } from "./payload_decoder.ts";
import type { ProvablePlan } from "./payload_plan.ts";
import { bodyUnreadable } from "./timed_reader.ts";

/** A body on its way. */
export interface DecodedBody {
  /** The plain bytes; breaks off, and never ends, when a promise is broken. */
  readonly source: ByteSource;
  /** Of {@linkcode source}. */
  readonly length: number;
  /**
   * Resolves when all is proven, with the checksum that the response carries back. Rejects with the
   * `S3Error` of the first promise that was broken, or with the reason of the signal or of the
   * source's `cancel`. Need not be awaited.
   */
  readonly settled: Promise<ProvenChecksum | undefined>;
}

/** What {@linkcode decodePayload} is told. */
export interface DecodeOptions {
  readonly plan: ProvablePlan;
  /** Ends the body with the signal's reason: a deadline, or a client that has gone. */
  readonly signal?: AbortSignal;
}

/**
 * Decodes and proves `body`. Nothing is read before the answer is.
 * @returns a body whose reads reject with {@linkcode S3Error}: `IncompleteBody`,
 *   `SignatureDoesNotMatch`, `MalformedTrailerError`, `InvalidRequest`, `XAmzContentSHA256Mismatch`
 *   or `BadDigest`.
 */
export function decodePayload(
  body: BodySource | null,
  { plan, signal }: DecodeOptions,
): DecodedBody {
  const source = new ProvenSource(body, { plan, signal });
  return { source, length: plan.length, settled: source.settled };
}

/**
 * Proves a body without plain bytes, which is sent on as none.
 * @throws {S3Error} as {@linkcode decodePayload}'s source.
 */
export async function proveEmpty(
  body: BodySource | null,
  options: DecodeOptions,
): Promise<ProvenChecksum | undefined> {
  assert(options.plan.length === 0, "The body has plain bytes");
  const { source, settled } = decodePayload(body, options);
  await source.read(new Uint8Array(LIMITS.trailerBytesMax));
  return await settled;
}

/** Reads, decodes, and keeps the last piece until its body is proven. */
class ProvenSource implements ByteSource {
  readonly #body: BodySource | null;
  readonly #source: ByteSource | undefined;
  readonly #decoder: PayloadDecoder;
  readonly #signal: AbortSignal | undefined;
  readonly #settled = Promise.withResolvers<ProvenChecksum | undefined>();
  /** Plain bytes still to come. */
  #bytesLeft: number;
  #smallReads = 0;
  #isProven = false;
  #failure: { readonly reason: unknown } | undefined;
  /** What is being read. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(
    body: BodySource | null,
    { plan, signal }: { plan: ProvablePlan; signal: AbortSignal | undefined },
  ) {
    this.#body = body;
    this.#source = body === null ? undefined : openSource(body);
    this.#decoder = createPayloadDecoder(plan);
    this.#signal = signal;
    this.#bytesLeft = plan.length;
    // Whoever reads the bytes hears of it there.
    this.#settled.promise.catch(() => {});
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  get settled(): Promise<ProvenChecksum | undefined> {
    return this.#settled.promise;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#isProven) return 0;
    try {
      for (;;) {
        const sent = await this.#readSent(into);
        if (sent === 0) {
          this.#prove();
          return 0;
        }
        const plain = this.#decoder.decode(into.subarray(0, sent));
        this.#bytesLeft -= plain;
        if (plain === 0) continue;
        if (this.#bytesLeft === 0) await this.#readEnd();
        return plain;
      }
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  cancel(reason?: unknown): void {
    if (!this.#fail(reason)) return;
    if (!(this.#body instanceof ReadableStream)) return this.#source?.cancel(reason);
    // On a stream of the runtime, nobody else would read what the client still sends.
    void new BodyReader(this.#body, LIMITS.discardedPieceBytes).discard(this.#reading);
  }

  /** Behind the last plain byte there is framing only. */
  async #readEnd(): Promise<void> {
    const rest = new Uint8Array(LIMITS.trailerBytesMax);
    for (let sent; (sent = await this.#readSent(rest)) > 0;) {
      this.#decoder.decode(rest.subarray(0, sent));
    }
    this.#prove();
  }

  async #readSent(into: Uint8Array): Promise<number> {
    this.#throwFailure();
    const reading = this.#source?.read(into) ?? Promise.resolve(0);
    this.#reading = reading.catch(() => {});
    let sent: number;
    try {
      sent = await reading;
    } catch (cause) {
      this.#throwFailure();
      throw cause instanceof S3Error ? cause : bodyUnreadable(cause);
    }
    this.#throwFailure();
    // Bytes that are there already come without a turn of the event loop: nobody else would be served meanwhile.
    const isSmall = sent < LIMITS.smallPieceBytesMax;
    if (isSmall && ++this.#smallReads % LIMITS.smallReadsInARowMax === 0) await nextTurn();
    return sent;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #prove(): void {
    const checksum = this.#decoder.end();
    this.#isProven = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#settled.resolve(checksum);
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#signal?.reason;
    if (this.#fail(reason)) this.#source?.cancel(reason);
  };

  /** Whether it had not ended before. */
  #fail(reason: unknown): boolean {
    if (this.#isProven || this.#failure !== undefined) return false;
    this.#failure = { reason };
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#settled.reject(reason);
    return true;
  }
}
