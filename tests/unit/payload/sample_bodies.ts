/**
 * Bodies for the tests of `src/payload`, signed and cut as they like, and what becomes of them.
 * @module
 */

import assert from "node:assert/strict";
import type { ChunkedForm } from "../../../src/payload/chunk_parser.ts";
import type { SeedSignature } from "../../../src/payload/chunk_signature.ts";
import { decodePayload } from "../../../src/payload/decode_payload.ts";
import type { ProvenChecksum } from "../../../src/payload/checksum.ts";
import type { ProvablePlan } from "../../../src/payload/payload_plan.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { SigningKey } from "../../../src/sigv4/signing_key.ts";
import { type ChunkedBody, formatChunkedBody, signChunks } from "../../support/chunk_signer.ts";
import { deriveSigningKey, formatAmzDate, formatScope } from "../../support/signer.ts";
import { joinBytes } from "../../support/wire.ts";

/** The key and day of AWS's examples. */
export const SIGNER = {
  secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  date: new Date("2013-05-24T00:00:00Z"),
};

/** What chunks of {@linkcode SIGNER} continue from. */
export function createSeed(signature = "5eed".repeat(16)): SeedSignature {
  return {
    signingKey: new SigningKey(deriveSigningKey(SIGNER)),
    amzDate: formatAmzDate(SIGNER.date),
    credentialScope: formatScope(SIGNER),
    signature,
  };
}

const FOX = ["The quick brown fox ", "jumps over ", "the lazy dog"];

/** The plain bytes of {@linkcode createSample}. */
export const PLAIN = FOX.join("");

/** CRC32 of {@linkcode PLAIN}. */
export const PLAIN_CRC32 = "QU+jOQ==";

/** A body of three chunks with its plan; trailers carry {@linkcode PLAIN_CRC32}. */
export interface Sample {
  readonly body: ChunkedBody;
  readonly plan: ProvablePlan & { kind: "chunked" };
}

/** A good one. */
export function createSample(form: ChunkedForm): Sample {
  const seed = form === "chunked_unsigned_trailer" ? undefined : createSeed();
  const hasTrailer = form !== "chunked_signed";
  const body = signChunks({
    ...SIGNER,
    chunks: FOX.map((text) => joinBytes([text])),
    seedSignature: seed?.signature,
    ...(hasTrailer && { trailers: [["x-amz-checksum-crc32", PLAIN_CRC32] as const] }),
  });
  const checksum = hasTrailer ? { source: "trailer", algorithm: "CRC32" } as const : undefined;
  return { body, plan: { kind: "chunked", length: PLAIN.length, form, seed, checksum } };
}

/** The sample on the wire. */
export function createSampleBytes(
  form: ChunkedForm,
): { bytes: Uint8Array<ArrayBuffer>; plan: Sample["plan"] } {
  const { body, plan } = createSample(form);
  return { bytes: formatChunkedBody(body), plan };
}

/** `bytes` in pieces that end at `cuts`; copies, because whoever decodes them takes them over. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const ends = [...new Set([...cuts, bytes.length])].toSorted((a, b) => a - b);
  let start = 0;
  return ends.map((end) => new Uint8Array(bytes.subarray(start, start = end)));
}

/** Every byte for itself. */
export function cutBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  return cutAt(bytes, Array.from(bytes, (_, index) => index));
}

/** A body that arrives in `pieces` and ends once `ended` resolves. */
export function streamOf(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  ended: Promise<void> = Promise.resolve(),
): ReadableStream<Uint8Array<ArrayBuffer>> {
  async function* arrive(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    yield* pieces;
    await ended;
  }
  return ReadableStream.from(arrive());
}

const PIECE_BYTES = 100_000;

/** What came of a body. */
export type Outcome =
  | { proven: true; plain: string; checksum: ProvenChecksum | undefined }
  | { proven: false; plain: string; error: S3Error };

/** Decodes a body to its end, or to the error that its stream and `settled` agree on. */
export async function decodeAll(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  plan: ProvablePlan,
): Promise<Outcome> {
  const { source, settled } = decodePayload(streamOf(pieces), { plan });
  const received: Uint8Array[] = [];
  try {
    for (const piece = new Uint8Array(PIECE_BYTES);;) {
      const length = await source.read(piece);
      if (length === 0) break;
      received.push(piece.slice(0, length));
    }
    const checksum = await settled;
    return { proven: true, plain: formatLatin1(received), checksum };
  } catch (error) {
    assert(error instanceof S3Error, `${error}`);
    await assert.rejects(settled, (settledError) => settledError === error);
    return { proven: false, plain: formatLatin1(received), error };
  }
}

/** Asserts that a body is refused with `code`, whole and byte by byte, and never passes in full. */
export async function assertRefused(
  bytes: Uint8Array,
  { plan, code }: { plan: ProvablePlan; code: S3Error["code"] | RegExp },
): Promise<void> {
  for (const pieces of [cutAt(bytes, []), cutBytes(bytes)]) {
    const outcome = await decodeAll(pieces, plan);
    assert(!outcome.proven, "proven");
    if (code instanceof RegExp) assert.match(outcome.error.code, code);
    else assert.equal(outcome.error.code, code);
    assert(outcome.plain.length < Math.max(1, plan.length), "all plain bytes passed");
  }
}

function formatLatin1(pieces: readonly Uint8Array[]): string {
  return new TextDecoder("latin1").decode(joinBytes(pieces));
}
