/**
 * Signatures of chunks and of the trailer: a chain that begins with the request's own signature.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html} (String to sign)
 * and {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}.
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { sha256Hex } from "../lib/sha256.ts";
import { S3Error } from "../s3/error.ts";
import type { SigningKey } from "../sigv4/signing_key.ts";

/** SHA-256 of nothing: a chunk has no headers of its own. */
const EMPTY_SHA256 = sha256Hex("");

/** What a chain continues from: the request's own signature, and what it was made with. */
export interface SeedSignature {
  readonly signingKey: SigningKey;
  readonly amzDate: string;
  readonly credentialScope: string;
  /** 64 lower-case hexadecimal digits. */
  readonly signature: string;
}

type Link = Pick<SeedSignature, "amzDate" | "credentialScope"> & {
  readonly previousSignature: string;
};

/** StringToSign of one chunk, whose data has the digest `dataSha256`. */
export function buildChunkStringToSign(link: Link & { readonly dataSha256: string }): string {
  return `AWS4-HMAC-SHA256-PAYLOAD\n${formatLink(link)}\n${EMPTY_SHA256}\n${link.dataSha256}`;
}

/**
 * StringToSign of the trailer; `trailers` is `name:value` and a line feed for each, names in lower
 * case.
 */
export function buildTrailerStringToSign(link: Link & { readonly trailers: string }): string {
  return `AWS4-HMAC-SHA256-TRAILER\n${formatLink(link)}\n${sha256Hex(link.trailers)}`;
}

function formatLink({ amzDate, credentialScope, previousSignature }: Link): string {
  return `${amzDate}\n${credentialScope}\n${previousSignature}`;
}

/** Verifies a chain as it arrives; after it has thrown, it is of no further use. */
export class ChunkSignatureChain {
  readonly #seed: SeedSignature;
  #previousSignature: string;
  #data: Hash = createHash("sha256");

  constructor(seed: SeedSignature) {
    this.#seed = seed;
    this.#previousSignature = seed.signature;
  }

  /** Adds data of the current chunk. */
  update(data: Uint8Array): void {
    this.#data.update(data);
  }

  /**
   * Closes the current chunk.
   * @throws {S3Error} `SignatureDoesNotMatch`.
   */
  endChunk(signature: string): void {
    const dataSha256 = this.#data.digest("hex");
    this.#data = createHash("sha256");
    this.#verify(buildChunkStringToSign({ ...this.#link(), dataSha256 }), signature);
  }

  /**
   * Closes the chain; `trailers` as for {@linkcode buildTrailerStringToSign}.
   * @throws {S3Error} `SignatureDoesNotMatch`.
   */
  endTrailers(trailers: string, signature: string): void {
    this.#verify(buildTrailerStringToSign({ ...this.#link(), trailers }), signature);
  }

  #link(): Link {
    return { ...this.#seed, previousSignature: this.#previousSignature };
  }

  #verify(stringToSign: string, signature: string): void {
    if (!this.#seed.signingKey.verify(stringToSign, signature)) {
      throw new S3Error("SignatureDoesNotMatch", { reason: "chunk_signature_mismatch" });
    }
    this.#previousSignature = signature;
  }
}
