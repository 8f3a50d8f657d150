import assert from "node:assert/strict";
import fc from "fast-check";
import { createChecksumHasher } from "../../src/payload/checksum.ts";
import { type ChecksumAlgorithm } from "../../src/s3/checksum_algorithm.ts";
import type { ProvablePlan } from "../../src/payload/payload_plan.ts";
import { formatChunkedBody, signChunks } from "../support/chunk_signer.ts";
import { joinBytes } from "../support/wire.ts";
import {
  createSampleBytes,
  createSeed,
  cutAt,
  decodeAll,
  PLAIN,
  SIGNER,
} from "../unit/payload/sample_bodies.ts";

/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 300, verbose: 1 } as const;

const seed = createSeed();
const FORMS = ["chunked_signed", "chunked_signed_trailer", "chunked_unsigned_trailer"] as const;
const ALGORITHMS: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

const cuts = fc.array(fc.nat(4000), { maxLength: 40 });
const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 8 });

Deno.test("decodePayload() proves any chunks at any cuts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        form: fc.constantFrom(...FORMS),
        algorithm: fc.constantFrom(...ALGORITHMS),
        chunks,
        cuts,
      }),
      async ({ form, algorithm, chunks, cuts }) => {
        const plain = joinBytes(chunks);
        const checksum = { source: "trailer", algorithm } as const;
        const plan: ProvablePlan = {
          kind: "chunked",
          length: plain.length,
          form,
          seed: form === "chunked_unsigned_trailer" ? undefined : seed,
          checksum: form === "chunked_signed" ? undefined : checksum,
        };
        const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
        const value = checksumOf(algorithm, plain);
        const body = formatChunkedBody(signChunks({
          ...SIGNER,
          chunks,
          seedSignature: plan.seed?.signature,
          ...(plan.checksum && { trailers: [[header, value] as const] }),
        }));
        assert.deepEqual(await decodeAll(cutAt(body, cuts), plan), {
          proven: true,
          plain: new TextDecoder("latin1").decode(plain),
          checksum: plan.checksum && { algorithm, header, value },
        });
      },
    ),
    PARAMETERS,
  );
});

Deno.test("decodePayload() proves nothing but what was signed, whatever the damage", async () => {
  const samples = {
    chunked_signed: createSampleBytes("chunked_signed"),
    chunked_signed_trailer: createSampleBytes("chunked_signed_trailer"),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        form: fc.constantFrom("chunked_signed", "chunked_signed_trailer"),
        at: fc.nat(2000),
        removed: fc.nat(40),
        inserted: fc.uint8Array({ maxLength: 40 }),
        cuts,
      }),
      async ({ form, at, removed, inserted, cuts }) => {
        const { bytes, plan } = samples[form];
        const start = at % bytes.length;
        const damaged = joinBytes([
          bytes.subarray(0, start),
          inserted,
          bytes.subarray(start + removed),
        ]);
        const outcome = await decodeAll(cutAt(damaged, cuts), plan);
        // Some damage says the same: a zero before a size, a capital in a trailer's name.
        if (outcome.proven) assert.equal(outcome.plain, PLAIN);
        else assert(outcome.plain.length < PLAIN.length);
      },
    ),
    PARAMETERS,
  );
});

Deno.test("decodePayload() answers any bytes at all with an S3Error", async () => {
  const framing = fc.constantFrom(..."0123456789abcdef\r\n;:-=".split(""), "\r\n", "0\r\n\r\n");
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(framing, { maxLength: 60 }).map((pieces) => joinBytes(pieces)),
  );
  const lengths = fc.integer({ min: 1, max: 100 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({ form: fc.constantFrom(...FORMS), bytes, cuts, length: lengths }),
      async ({ form, bytes, cuts, length }) => {
        // No plain bytes hash to this, so nothing can be proven.
        const expected = new Uint8Array(32);
        const checksum = { source: "header", algorithm: "SHA256", expected } as const;
        const outcome = await decodeAll(cutAt(bytes, cuts), {
          kind: "chunked",
          length,
          form,
          seed: form === "chunked_unsigned_trailer" ? undefined : seed,
          checksum,
        });
        assert.equal(outcome.proven, false);
        assert(outcome.plain.length < length);
      },
    ),
    PARAMETERS,
  );
});

function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  const hasher = createChecksumHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest().toBase64();
}
