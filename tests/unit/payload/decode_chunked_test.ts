import assert from "node:assert/strict";
import type { ChecksumAlgorithm } from "../../../src/s3/checksum_algorithm.ts";
import type { ChunkedForm } from "../../../src/payload/chunk_parser.ts";
import type { ProvablePlan } from "../../../src/payload/payload_plan.ts";
import { type ChunkedBody, formatChunkedBody, signChunks } from "../../support/chunk_signer.ts";
import type { Header } from "../../support/signer.ts";
import { loadVectors } from "../../support/vectors.ts";
import { joinBytes } from "../../support/wire.ts";
import {
  assertRefused,
  createSample,
  createSampleBytes,
  cutAt,
  cutBytes,
  decodeAll,
  PLAIN,
  PLAIN_CRC32,
  SIGNER,
} from "./sample_bodies.ts";

const SIGNED_FORMS = ["chunked_signed", "chunked_signed_trailer"] as const;
const FORMS = [...SIGNED_FORMS, "chunked_unsigned_trailer"] as const;

for (const form of SIGNED_FORMS) {
  Deno.test(`P2 decodePayload() refuses a flipped bit anywhere: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      const outcome = await decodeAll([flipped], plan);
      assert(!outcome.proven, `byte ${at}`);
      assert.match(
        outcome.error.code,
        /^(?:SignatureDoesNotMatch|IncompleteBody|MalformedTrailerError|InvalidRequest)$/,
      );
      assert(outcome.plain.length < PLAIN.length);
    }
  });

  Deno.test(`P2 decodePayload() refuses data that was not signed: ${form}`, async () => {
    for (const chunk of [0, 1, 2]) {
      await assertTampered(form, ({ chunks }) => {
        const data = chunks[chunk]?.data;
        assert(data !== undefined);
        data[data.length - 1] = 0;
      });
    }
  });

  Deno.test(`P2 decodePayload() refuses a signature that is not its chunk's: ${form}`, async () => {
    for (const chunk of [0, 1, 2, 3]) {
      await assertTampered(form, ({ chunks }) => {
        const changed = chunks[chunk];
        assert(changed !== undefined);
        changed.extension = changed.extension.replace(/.$/, (digit) => digit === "0" ? "1" : "0");
      });
    }
  });

  Deno.test(`P2 decodePayload() refuses chunks swapped, replayed or dropped: ${form}`, async () => {
    await assertTampered(
      form,
      ({ chunks }) => void chunks.splice(0, 2, ...chunks.slice(0, 2).reverse()),
    );
    await assertTampered(form, ({ chunks }) => void chunks.splice(1, 1, ...chunks.slice(0, 1)));
    // One byte moves to the next chunk: the plain bytes stay the same, and only the chain can tell.
    await assertTampered(form, ({ chunks: [first, second] }) => {
      assert(first !== undefined && second !== undefined);
      second.data = joinBytes([first.data.subarray(-1), second.data]);
      first.data = first.data.subarray(0, -1);
      for (const chunk of [first, second]) chunk.size = chunk.data.length.toString(16);
    });
    await assertTampered(
      form,
      ({ chunks }) => void chunks.splice(0, 1),
      "IncompleteBody|Signature",
    );
    await assertTampered(
      form,
      ({ chunks }) => void chunks.splice(1, 1),
      "IncompleteBody|Signature",
    );
    await assertTampered(
      form,
      ({ chunks }) => void chunks.splice(3, 1),
      "IncompleteBody|Malformed",
    );
  });

  Deno.test(`P2 decodePayload() refuses a chain of another request: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    assert(plan.seed !== undefined);
    const seed = { ...plan.seed, signature: "ab".repeat(32) };
    await assertRefused(bytes, { plan: { ...plan, seed }, code: "SignatureDoesNotMatch" });
  });
}

Deno.test("P2 decodePayload() refuses a trailer that was not signed", async () => {
  const form = "chunked_signed_trailer";
  await assertTampered(form, (body) => {
    body.trailers = [["x-amz-checksum-crc32", "AAAAAA=="], ...body.trailers?.slice(1) ?? []];
  });
  await assertTampered(form, (body) => {
    body.trailers = [...body.trailers?.slice(0, 1) ?? [], [
      "x-amz-trailer-signature",
      "ab".repeat(32),
    ]];
  });
  await assertTampered(form, (body) => void body.trailers?.pop(), "MalformedTrailerError");
  await assertTampered(form, (body) => void body.trailers?.shift(), "MalformedTrailerError");
});

for (const form of FORMS) {
  Deno.test(`P2 decodePayload() refuses truncation at every boundary: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    for (let length = 0; length < bytes.length; length++) {
      const outcome = await decodeAll([bytes.slice(0, length)], plan);
      assert(!outcome.proven, `cut at ${length}`);
      assert.equal(outcome.error.code, "IncompleteBody");
      assert(outcome.plain.length < PLAIN.length);
    }
  });

  Deno.test(`P2 decodePayload() refuses bytes after the end: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    for (const surplus of ["\r\n", "0", "\0", "0\r\n\r\n"]) {
      await assertRefused(joinBytes([bytes, surplus]), { plan, code: "IncompleteBody" });
    }
  });

  Deno.test(`P3 decodePayload() refuses a decoded length that is off: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    for (const length of [0, 1, 20, PLAIN.length - 1, PLAIN.length + 1, 2 ** 40]) {
      const outcome = await decodeAll([bytes.slice()], { ...plan, length });
      assert(!outcome.proven);
      assert.equal(outcome.error.code, "IncompleteBody");
      assert.equal(outcome.error.detail["NumberBytesExpected"], String(length));
      assert(outcome.plain.length <= length, "surplus bytes passed");
      assert(outcome.plain.length < Math.max(1, length));
    }
  });

  Deno.test(`P6 decodePayload() proves a body whole, and cut at every byte: ${form}`, async () => {
    const { bytes, plan } = createSampleBytes(form);
    const checksum = form === "chunked_signed" ? undefined : {
      algorithm: "CRC32",
      header: "x-amz-checksum-crc32",
      value: PLAIN_CRC32,
    };
    const cuts = Array.from(bytes, (_, index) => cutAt(bytes, [index]));
    for (const pieces of [...cuts, cutBytes(bytes)]) {
      assert.deepEqual(await decodeAll(pieces, plan), { proven: true, plain: PLAIN, checksum });
    }
  });
}

for (const form of ["chunked_signed", "chunked_unsigned_trailer"] as const) {
  Deno.test(`P10 decodePayload() verifies a checksum header: ${form}`, async () => {
    const { body, plan } = createSample(form);
    const bytes = formatChunkedBody({ ...body, trailers: undefined });
    const expected = Uint8Array.of(0x41, 0x4f, 0xa3, 0x39);
    const checksum = { source: "header", algorithm: "CRC32", expected } as const;
    assert((await decodeAll(cutBytes(bytes), { ...plan, checksum })).proven);
    const wrong = { ...checksum, expected: expected.with(0, 0) };
    await assertRefused(bytes, { plan: { ...plan, checksum: wrong }, code: "BadDigest" });
  });
}

Deno.test("P4 decodePayload() takes chunks of one byte", async () => {
  const plain = "x".repeat(1000);
  for (const form of ["chunked_signed", "chunked_unsigned_trailer"] as const) {
    const { plan } = createSample(form);
    const body = signChunks({
      ...SIGNER,
      chunks: Array.from(plain, (text) => joinBytes([text])),
      seedSignature: plan.seed?.signature,
    });
    const pieces = [joinBytes([formatChunkedBody(body)])];
    const onePlan: ProvablePlan = { ...plan, length: plain.length, checksum: undefined };
    assert.deepEqual(await decodeAll(pieces, onePlan), {
      proven: true,
      plain,
      checksum: undefined,
    });
  }
});

interface TrailerCase {
  readonly name: string;
  readonly announced?: ChecksumAlgorithm;
  readonly trailers: readonly Header[];
  readonly code: "BadDigest" | "InvalidRequest" | "MalformedTrailerError";
}

const REFUSED_TRAILERS: readonly TrailerCase[] = [
  ...([
    ["CRC32", "AAAAAA=="],
    ["CRC32C", "AAAAAA=="],
    ["CRC64NVME", "AAAAAAAAAAA="],
    ["SHA1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["SHA256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["XXHASH128", "AAAAAAAAAAAAAAAAAAAAAA=="],
  ] as const).map(([announced, value]): TrailerCase => ({
    name: `a wrong ${announced}`,
    announced,
    trailers: [[`x-amz-checksum-${announced.toLowerCase()}`, value]],
    code: "BadDigest",
  })),
  {
    name: "a value that cannot be a CRC32",
    announced: "CRC32",
    trailers: [["x-amz-checksum-crc32", "AAAA"]],
    code: "InvalidRequest",
  },
  {
    name: "another name than announced",
    announced: "SHA256",
    trailers: [["x-amz-checksum-crc32", PLAIN_CRC32]],
    code: "MalformedTrailerError",
  },
  {
    name: "a trailer that was not announced",
    trailers: [["x-amz-checksum-crc32", PLAIN_CRC32]],
    code: "MalformedTrailerError",
  },
  {
    name: "an announced one missing",
    announced: "CRC32",
    trailers: [],
    code: "MalformedTrailerError",
  },
  {
    name: "the same one twice",
    announced: "CRC32",
    trailers: [["x-amz-checksum-crc32", PLAIN_CRC32], ["x-amz-checksum-crc32", PLAIN_CRC32]],
    code: "MalformedTrailerError",
  },
  {
    name: "x-amz-acl smuggled in",
    announced: "CRC32",
    trailers: [["x-amz-checksum-crc32", PLAIN_CRC32], ["x-amz-acl", "public-read"]],
    code: "MalformedTrailerError",
  },
  {
    name: "a trailer signature where chunks have none",
    announced: "CRC32",
    trailers: [["x-amz-checksum-crc32", PLAIN_CRC32], ["x-amz-trailer-signature", "ab".repeat(32)]],
    code: "MalformedTrailerError",
  },
];

for (const { name, announced, trailers, code } of REFUSED_TRAILERS) {
  Deno.test(`P5 decodePayload() refuses ${name}`, async () => {
    const { body, plan } = createSample("chunked_unsigned_trailer");
    const bytes = formatChunkedBody({ ...body, trailers: [...trailers] });
    const checksum = announced && { source: "trailer", algorithm: announced } as const;
    await assertRefused(bytes, { plan: { ...plan, checksum }, code });
  });
}

const sdkBodies = await loadVectors<
  { readonly name: string; readonly trailer?: string; readonly body: string }
>("payload/sdk_bodies.json");

for (const { name, trailer, body } of sdkBodies) {
  Deno.test(`C1 decodePayload() proves what ${name} sends`, async () => {
    const algorithm = trailer?.toLowerCase().endsWith("sha256") ? "SHA256" : "CRC32";
    const plan: ProvablePlan = {
      kind: "chunked",
      length: 11,
      form: "chunked_unsigned_trailer",
      seed: undefined,
      checksum: trailer === undefined ? undefined : { source: "trailer", algorithm },
    };
    for (const pieces of [cutAt(joinBytes([body]), []), cutBytes(joinBytes([body]))]) {
      const outcome = await decodeAll(pieces, plan);
      assert(outcome.proven);
      assert.equal(outcome.plain, "hello world");
      assert.equal(outcome.checksum?.header, trailer?.toLowerCase());
    }
  });
}

/** Asserts that the sample, once `tamper` has been at it, is refused. */
async function assertTampered(
  form: ChunkedForm,
  tamper: (body: ChunkedBody) => void,
  code = "SignatureDoesNotMatch",
): Promise<void> {
  const { body, plan } = createSample(form);
  tamper(body);
  await assertRefused(formatChunkedBody(body), { plan, code: new RegExp(code) });
}
