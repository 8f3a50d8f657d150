/**
 * A proven body on its way to a store that takes checksums behind bodies: in chunks without signatures, with the checksum
 * as its trailer.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { type ChecksumAlgorithm, checksumHeader } from "../s3/checksum_algorithm.ts";
import { checksumValueLength, type ProvenChecksum } from "./checksum.ts";

/** What {@linkcode frameBody} is told. */
export interface FrameOptions {
  /** Of the plain bytes, above zero. */
  readonly length: number;
  readonly algorithm: ChecksumAlgorithm;
  /** Known once the last plain byte was read. */
  readonly proof: Promise<ProvenChecksum | undefined>;
}

/** The framed body, and its length. */
export function frameBody(
  source: ByteSource,
  options: FrameOptions,
): { stream: ByteSource; bytes: number } {
  return { stream: new FramedSource(source, options), bytes: countFramed(options) };
}

function countFramed({ length, algorithm }: FrameOptions): number {
  const chunkBytes = LIMITS.framedChunkBytes;
  const count = (bytes: number): number => formatSize(bytes).length + bytes + 2;
  const whole = Math.floor(length / chunkBytes);
  const rest = length % chunkBytes;
  const trailer = checksumHeader(algorithm).length + 1 + checksumValueLength(algorithm);
  return whole * count(chunkBytes) + (rest === 0 ? 0 : count(rest)) + formatSize(0).length +
    trailer + 4;
}

function formatSize(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

class FramedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #proof: FrameOptions["proof"];
  /** Plain bytes still to come, and those of them in this chunk. */
  #left: number;
  #chunkLeft = 0;
  /** Framing that goes out first. */
  #framing: Uint8Array;
  #isEnding = false;

  constructor(source: ByteSource, { length, algorithm, proof }: FrameOptions) {
    this.#source = source;
    this.#algorithm = algorithm;
    this.#proof = proof;
    this.#left = length;
    this.#framing = this.#beginChunk("");
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#framing.length === 0 && this.#left === 0 && !this.#isEnding) {
      this.#framing = await this.#end();
    }
    const framed = Math.min(into.length, this.#framing.length);
    into.set(this.#framing.subarray(0, framed));
    this.#framing = this.#framing.subarray(framed);
    const room = Math.min(into.length - framed, this.#chunkLeft);
    if (this.#framing.length > 0 || room === 0) return framed;
    const length = await this.#source.read(into.subarray(framed, framed + room));
    // A body that ends early must not look complete, so fewer bytes are sent than its length says.
    if (length === 0) return 0;
    this.#chunkLeft -= length;
    this.#left -= length;
    if (this.#chunkLeft === 0 && this.#left > 0) this.#framing = this.#beginChunk("\r\n");
    return framed + length;
  }

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
  }

  #beginChunk(before: string): Uint8Array {
    this.#chunkLeft = Math.min(this.#left, LIMITS.framedChunkBytes);
    return encodeUtf8(before + formatSize(this.#chunkLeft));
  }

  async #end(): Promise<Uint8Array> {
    this.#isEnding = true;
    const checksum = await this.#proof;
    assert(checksum?.algorithm === this.#algorithm, "A body was proven by another checksum");
    return encodeUtf8(`\r\n${formatSize(0)}${checksum.header}:${checksum.value}\r\n\r\n`);
  }
}
