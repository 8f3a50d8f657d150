/**
 * Bodies that prove what was promised about them while they stream. The plain bytes go on as they
 * come, but for the last ones, which wait for the proof: whoever sends them on with their length
 * never completes a body that is wrong.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { BodyReader } from "../lib/body_reader.ts";
import type { BodySource } from "../lib/byte_source.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { ProvenChecksum } from "./checksum.ts";
import { type Bytes, createPayloadDecoder, type PayloadDecoder } from "./payload_decoder.ts";
import type { ProvablePlan } from "./payload_plan.ts";

/** A body on its way. */
export interface DecodedBody {
  /**
   * The plain bytes; errors, and never closes, when a promise is broken. A piece's memory is the reader's until it asks
   * for the next one.
   */
  readonly stream: ReadableStream<Bytes>;
  /** Of {@linkcode stream}. */
  readonly length: number;
  /**
   * Resolves when all is proven, with the checksum that the response carries back. Rejects with the
   * `S3Error` of the first promise that was broken, or with the reason of the signal or of the
   * stream's `cancel`. Need not be awaited.
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
 * Decodes and proves `body`, whose chunks' memory it takes over. Nothing is read before the stream
 * is.
 * @returns a body whose stream errors with {@linkcode S3Error}: `IncompleteBody`,
 *   `SignatureDoesNotMatch`, `MalformedTrailerError`, `InvalidRequest`, `XAmzContentSHA256Mismatch`
 *   or `BadDigest`.
 */
export function decodePayload(
  body: BodySource | null,
  { plan, signal }: DecodeOptions,
): DecodedBody {
  const source = new ProvenSource(body, { plan, signal });
  // Not a byte stream: that would detach the memory of every chunk it is given.
  const stream = new ReadableStream<Bytes>(source, { highWaterMark: 0 });
  return { stream, length: plan.length, settled: source.settled };
}

/**
 * Proves a body without plain bytes, which is sent on as none.
 * @throws {S3Error} as {@linkcode decodePayload}'s stream.
 */
export async function proveEmpty(
  body: BodySource | null,
  options: DecodeOptions,
): Promise<ProvenChecksum | undefined> {
  assert(options.plan.length === 0, "The body has plain bytes");
  const { stream, settled } = decodePayload(body, options);
  await stream.getReader().read();
  return await settled;
}

/** Pulls, decodes, and holds the last bytes back. */
class ProvenSource implements UnderlyingDefaultSource<Bytes> {
  readonly #reader: BodyReader | undefined;
  readonly #decoder: PayloadDecoder;
  readonly #signal: AbortSignal | undefined;
  readonly #settled = Promise.withResolvers<ProvenChecksum | undefined>();
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  /** Plain bytes still to come. */
  #bytesLeft: number;
  #held: Bytes | undefined;
  /** The piece that went on last. */
  #sent: Bytes | undefined;
  #isOver = false;

  constructor(
    body: BodySource | null,
    { plan, signal }: { plan: ProvablePlan; signal: AbortSignal | undefined },
  ) {
    this.#reader = body === null
      ? undefined
      : new BodyReader(body, plan.length + LIMITS.trailerBytesMax);
    this.#decoder = createPayloadDecoder(plan);
    this.#signal = signal;
    this.#bytesLeft = plan.length;
    // Whoever reads the stream hears of it there.
    this.#settled.promise.catch(() => {});
  }

  get settled(): Promise<ProvenChecksum | undefined> {
    return this.#settled.promise;
  }

  start(controller: ReadableStreamDefaultController<Bytes>): void {
    this.#controller = controller;
    if (this.#signal?.aborted) this.#abort();
    else this.#signal?.addEventListener("abort", this.#abort, { once: true });
  }

  async pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    try {
      this.#freeSent();
      let plain: Bytes | undefined;
      while (plain === undefined) {
        const sent = await this.#read();
        if (this.#isOver) return;
        if (sent === undefined) return this.#close(controller);
        plain = this.#holdBack(this.#decoder.decode(sent));
      }
      this.#sent = plain;
      controller.enqueue(plain);
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  cancel(reason: unknown): void {
    this.#fail(reason);
    this.#reader?.discard();
  }

  /** Frees what went on, but for the piece that the held bytes are a part of. */
  #freeSent(): void {
    if (this.#sent !== undefined && this.#held === undefined) this.#reader?.free(this.#sent);
    this.#sent = undefined;
  }

  async #read(): Promise<Bytes | undefined> {
    try {
      return await this.#reader?.read();
    } catch (cause) {
      if (cause instanceof S3Error) throw cause;
      throw new S3Error("IncompleteBody", {
        message: "The request body terminated unexpectedly",
        cause,
        reason: "body_unreadable",
      });
    }
  }

  /** What of `plain` may go on; the piece with the last byte may not, yet. */
  #holdBack(plain: Bytes): Bytes | undefined {
    if (plain.length === 0) return undefined;
    this.#bytesLeft -= plain.length;
    if (this.#bytesLeft > 0) return plain;
    const heldFrom = Math.max(0, plain.length - LIMITS.holdBackBytesMax);
    this.#held = plain.subarray(heldFrom);
    return heldFrom === 0 ? undefined : plain.subarray(0, heldFrom);
  }

  #close(controller: ReadableStreamDefaultController<Bytes>): void {
    const checksum = this.#decoder.end();
    this.#end();
    if (this.#held !== undefined) controller.enqueue(this.#held);
    controller.close();
    this.#settled.resolve(checksum);
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#signal?.reason;
    this.#controller?.error(reason);
    this.#fail(reason);
    this.#reader?.cancel(reason);
  };

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#settled.reject(reason);
  }

  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}
