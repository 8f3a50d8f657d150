/**
 * From the bytes of a body as sent to its plain bytes, input by input; throws at the first promise
 * that is broken.
 * @module
 */

import { assertNever } from "../lib/assert.ts";
import { S3Error } from "../s3/error.ts";
import type { ProvenChecksum } from "./checksum.ts";
import { type ChunkEvent, ChunkParser } from "./chunk_parser.ts";
import { ChunkSignatureChain } from "./chunk_signature.ts";
import { type DeclaredChecksum, parseChecksumTrailer } from "./declared_checksum.ts";
import type { ProvablePlan } from "./payload_plan.ts";
import { PlainProof } from "./plain_proof.ts";

/** Decodes one body. After it has thrown, it is of no further use. */
export interface PayloadDecoder {
  /** Moves the plain bytes of `sent` to its front, and returns how many there are. */
  decode(sent: Uint8Array): number;
  /** Ends the body: resolves when all that was promised holds. */
  end(): ProvenChecksum | undefined;
}

/**
 * Begins to decode.
 * @returns a decoder whose methods throw {@linkcode S3Error}: `IncompleteBody`,
 *   `SignatureDoesNotMatch`, `MalformedTrailerError`, `InvalidRequest`, `XAmzContentSHA256Mismatch`
 *   or `BadDigest`.
 */
export function createPayloadDecoder(plan: ProvablePlan): PayloadDecoder {
  return plan.kind === "chunked" ? new ChunkedDecoder(plan) : new PlainDecoder(plan);
}

/** The body as it is. */
class PlainDecoder implements PayloadDecoder {
  readonly #proof: PlainProof;

  constructor(plan: ProvablePlan & { kind: "verify_plain" }) {
    this.#proof = new PlainProof(plan);
  }

  decode(sent: Uint8Array): number {
    this.#proof.count(sent.length);
    this.#proof.update(sent);
    return sent.length;
  }

  end(): ProvenChecksum | undefined {
    return this.#proof.end();
  }
}

/** `aws-chunked`. */
class ChunkedDecoder implements PayloadDecoder {
  readonly #parser: ChunkParser;
  readonly #chain: ChunkSignatureChain | undefined;
  readonly #proof: PlainProof;
  readonly #checksum: DeclaredChecksum | undefined;
  #chunkSignature: string | undefined;
  /** The trailers as they are signed. */
  #trailers = "";

  constructor(plan: ProvablePlan & { kind: "chunked" }) {
    this.#parser = new ChunkParser(plan.form);
    this.#chain = plan.seed && new ChunkSignatureChain(plan.seed);
    this.#proof = new PlainProof({ ...plan, sha256Hex: undefined });
    this.#checksum = plan.checksum;
  }

  decode(sent: Uint8Array): number {
    let length = 0;
    for (const event of this.#parser.push(sent)) {
      if (event.kind === "data") {
        this.#chain?.update(event.data);
        // What framing leaves are gaps of some bytes: closing them costs a twentieth of a copy into new memory.
        const from = event.data.byteOffset - sent.byteOffset;
        if (from !== length) sent.copyWithin(length, from, from + event.data.length);
        length += event.data.length;
      } else {
        this.#take(event);
      }
    }
    this.#proof.update(sent.subarray(0, length));
    return length;
  }

  end(): ProvenChecksum | undefined {
    this.#parser.end();
    return this.#proof.end();
  }

  #take(event: Exclude<ChunkEvent, { kind: "data" }>): void {
    switch (event.kind) {
      case "chunk_header":
        this.#proof.count(event.bytes);
        this.#chunkSignature = event.signature;
        return;
      case "chunk_end":
        if (this.#chunkSignature !== undefined) this.#chain?.endChunk(this.#chunkSignature);
        return;
      case "trailer":
        if (this.#trailers !== "") throw new S3Error("MalformedTrailerError");
        this.#proof.expectChecksum(parseChecksumTrailer(event, this.#checksum));
        this.#trailers = `${event.name}:${event.value}\n`;
        return;
      case "trailer_signature":
        if (!this.#proof.isChecksumExpected) throw new S3Error("MalformedTrailerError");
        this.#chain?.endTrailers(this.#trailers, event.signature);
        return;
      case "done":
        if (!this.#proof.isChecksumExpected) throw new S3Error("MalformedTrailerError");
        return;
      default:
        return assertNever(event);
    }
  }
}
