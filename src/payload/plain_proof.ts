/**
 * Verifies what was promised about the plain bytes of a body: their number, their SHA-256, their checksum.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { S3Error } from "../s3/error.ts";
import type { Sha256Hex } from "../sigv4/content_sha256.ts";
import {
  type ChecksumHasher,
  createChecksumHasher,
  type ProvenChecksum,
  verifyChecksum,
} from "./checksum.ts";
import type { DeclaredChecksum } from "./declared_checksum.ts";

/** Counts and digests plain bytes as they pass. */
export class PlainProof {
  readonly #length: number;
  readonly #sha256Hex: Sha256Hex | undefined;
  readonly #sha256: Hash | undefined;
  readonly #checksum: DeclaredChecksum | undefined;
  readonly #checksumHasher: ChecksumHasher | undefined;
  #expectedChecksum: Uint8Array | undefined;
  #counted = 0;

  constructor(
    { length, sha256Hex, checksum }: {
      readonly length: number;
      readonly sha256Hex: Sha256Hex | undefined;
      readonly checksum: DeclaredChecksum | undefined;
    },
  ) {
    this.#length = length;
    this.#sha256Hex = sha256Hex;
    this.#sha256 = sha256Hex === undefined ? undefined : createHash("sha256");
    this.#checksum = checksum;
    this.#checksumHasher = checksum && createChecksumHasher(checksum.algorithm);
    this.#expectedChecksum = checksum?.source === "header" ? checksum.expected : undefined;
  }

  /** Whether the declared checksum's value is known. */
  get isChecksumExpected(): boolean {
    return this.#checksum === undefined || this.#expectedChecksum !== undefined;
  }

  /** Takes the value that a trailer brought. */
  expectChecksum(expected: Uint8Array): void {
    this.#expectedChecksum = expected;
  }

  /**
   * Counts `bytes` that are about to come.
   * @throws {S3Error} `IncompleteBody` for more than was promised.
   */
  count(bytes: number): void {
    this.#counted += bytes;
    if (this.#counted > this.#length) throw this.#wrongLength();
  }

  /** Digests plain bytes. */
  update(plain: Uint8Array): void {
    this.#sha256?.update(plain);
    this.#checksumHasher?.update(plain);
  }

  /**
   * Closes the proof; the answer is the checksum, for the response.
   * @throws {S3Error} `IncompleteBody`, `XAmzContentSHA256Mismatch` or `BadDigest`.
   */
  end(): ProvenChecksum | undefined {
    if (this.#counted < this.#length) throw this.#wrongLength();
    this.#verifySha256();
    if (this.#checksum === undefined || this.#checksumHasher === undefined) return undefined;
    if (this.#expectedChecksum === undefined) throw new S3Error("MalformedTrailerError");
    return verifyChecksum(this.#checksum.algorithm, {
      expected: this.#expectedChecksum,
      actual: this.#checksumHasher.digest(),
    });
  }

  #verifySha256(): void {
    if (this.#sha256 === undefined || this.#sha256Hex === undefined) return;
    const actual = this.#sha256.digest();
    if (timingSafeEqual(actual, Buffer.from(this.#sha256Hex, "hex"))) return;
    throw new S3Error("XAmzContentSHA256Mismatch", {
      detail: {
        ClientComputedContentSHA256: this.#sha256Hex,
        S3ComputedContentSHA256: actual.toString("hex"),
      },
      reason: "content_sha256_mismatch",
    });
  }

  #wrongLength(): S3Error {
    return new S3Error("IncompleteBody", {
      detail: {
        NumberBytesExpected: String(this.#length),
        NumberBytesProvided: String(this.#counted),
      },
      reason: "length_mismatch",
    });
  }
}
