/**
 * The checksums that S3 verifies: how each is made.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  createCRC32,
  createCRC64,
  createXXHash128,
  createXXHash3,
  createXXHash64,
  type IHasher,
} from "hash-wasm";
import { type ChecksumAlgorithm, checksumHeader } from "../s3/checksum_algorithm.ts";
import { S3Error } from "../s3/error.ts";

/** A checksum in the making. */
export interface ChecksumHasher {
  update(bytes: Uint8Array): void;
  /** Ends it. CRCs and XXHASHes have their most significant byte first. */
  digest(): Uint8Array;
}

/** A checksum that was verified, as the response returns it. */
export interface ProvenChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Name of its header. */
  readonly header: string;
  /** Base64. */
  readonly value: string;
}

// Loaded with this module, so that making a hasher waits for nothing; polynomials bit-reversed, seeds 0.
const crc32c = await createCRC32(0x82f63b78);
const crc64Nvme = await createCRC64("9a6c9329ac4bc9b5");
const xxHash3 = await createXXHash3();
const xxHash64 = await createXXHash64();
const xxHash128 = await createXXHash128();

const CHECKSUMS: Readonly<
  Record<ChecksumAlgorithm, { digestBytes: number; create: () => ChecksumHasher }>
> = {
  CRC32: { digestBytes: 4, create: () => new Crc32() },
  CRC32C: { digestBytes: 4, create: () => new SharedHasher(crc32c) },
  CRC64NVME: { digestBytes: 8, create: () => new SharedHasher(crc64Nvme) },
  MD5: { digestBytes: 16, create: () => createHash("md5") },
  SHA1: { digestBytes: 20, create: () => createHash("sha1") },
  SHA256: { digestBytes: 32, create: () => createHash("sha256") },
  SHA512: { digestBytes: 64, create: () => createHash("sha512") },
  XXHASH3: { digestBytes: 8, create: () => new SharedHasher(xxHash3) },
  XXHASH64: { digestBytes: 8, create: () => new SharedHasher(xxHash64) },
  XXHASH128: { digestBytes: 16, create: () => new SharedHasher(xxHash128) },
};

/** Characters of its value in base64. */
export function checksumValueLength(algorithm: ChecksumAlgorithm): number {
  return Math.ceil(CHECKSUMS[algorithm].digestBytes / 3) * 4;
}

/** Begins a checksum. */
export function createChecksumHasher(algorithm: ChecksumAlgorithm): ChecksumHasher {
  return CHECKSUMS[algorithm].create();
}

/**
 * The digest that base64 `text` stands for; `undefined` for another length and for anything but
 * canonical base64.
 */
export function parseChecksumValue(
  algorithm: ChecksumAlgorithm,
  text: string,
): Uint8Array | undefined {
  const digest = Buffer.from(text, "base64");
  const isCanonical = digest.toString("base64") === text;
  return isCanonical && digest.length === CHECKSUMS[algorithm].digestBytes ? digest : undefined;
}

/**
 * Compares what was promised with what was received.
 * @throws {S3Error} `BadDigest`, naming the algorithm.
 */
export function verifyChecksum(
  algorithm: ChecksumAlgorithm,
  { expected, actual }: { expected: Uint8Array; actual: Uint8Array },
): ProvenChecksum {
  if (expected.length === actual.length && timingSafeEqual(expected, actual)) {
    const value = Buffer.from(actual).toString("base64");
    return { algorithm, header: checksumHeader(algorithm), value };
  }
  throw new S3Error("BadDigest", {
    message: `The ${algorithm} you specified did not match the calculated checksum.`,
    reason: "checksum_mismatch",
  });
}

/** CRC32 by zlib, ten times as fast as any other. */
class Crc32 implements ChecksumHasher {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Uint8Array {
    const digest = new Uint8Array(4);
    new DataView(digest.buffer).setUint32(0, this.#value);
    return digest;
  }
}

/**
 * Many checksums on one WebAssembly instance: its state is the CRC itself, or at most 580 bytes, and takes 1 µs to put in
 * and take out.
 */
class SharedHasher implements ChecksumHasher {
  readonly #instance: IHasher;
  #state: Uint8Array;

  constructor(instance: IHasher) {
    this.#instance = instance;
    this.#state = instance.init().save();
  }

  update(bytes: Uint8Array): void {
    this.#state = this.#instance.load(this.#state).update(bytes).save();
  }

  digest(): Uint8Array {
    return this.#instance.load(this.#state).digest("binary");
  }
}
