import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ChunkedForm } from "../../../src/payload/chunk_parser.ts";
import {
  buildChunkStringToSign,
  buildTrailerStringToSign,
  ChunkSignatureChain,
} from "../../../src/payload/chunk_signature.ts";
import type { ProvablePlan } from "../../../src/payload/payload_plan.ts";
import { deriveSigningKey, formatAmzDate, hmac, sha256 } from "../../support/signer.ts";
import { loadVectors } from "../../support/vectors.ts";
import { joinBytes } from "../../support/wire.ts";
import { createSeed, cutAt, decodeAll } from "./sample_bodies.ts";

interface ChunkSignatureVector {
  readonly name: string;
  readonly secretKey: string;
  readonly date: string;
  readonly credentialScope: string;
  readonly seedSignature: string;
  readonly form: ChunkedForm;
  readonly contentLength: number;
  readonly decodedContentLength: number;
  readonly chunks: readonly {
    readonly fill: string;
    readonly bytes: number;
    readonly stringToSign: string;
    readonly signature: string;
  }[];
  readonly trailer?: {
    readonly name: string;
    readonly value: string;
    readonly stringToSign: string;
    readonly signature: string;
  };
}

const vectors = await loadVectors<ChunkSignatureVector>("payload/chunk_signatures.json");

Deno.test("ChunkSignatureChain.endChunk() refuses a flipped bit anywhere", () => {
  const [vector] = vectors;
  assert(vector !== undefined);
  const seed = createSeed(vector.seedSignature);
  const [first, second] = vector.chunks;
  assert(first !== undefined && second !== undefined);
  const good = joinBytes([first.fill.repeat(first.bytes)]);
  const other = first.signature.replace("a", "b");
  for (
    const { chainSeed, data, signature } of [
      { chainSeed: seed, data: good.subarray(1), signature: first.signature },
      { chainSeed: seed, data: good.with(70, 0x62), signature: first.signature },
      { chainSeed: seed, data: good, signature: other },
      { chainSeed: seed, data: good, signature: second.signature },
      { chainSeed: { ...seed, signature: other }, data: good, signature: first.signature },
      {
        chainSeed: { ...seed, amzDate: "20130524T000001Z" },
        data: good,
        signature: first.signature,
      },
      {
        chainSeed: { ...seed, credentialScope: "20130524/eu-west-1/s3/aws4_request" },
        data: good,
        signature: first.signature,
      },
    ]
  ) {
    const chain = new ChunkSignatureChain(chainSeed);
    chain.update(data);
    assert.throws(() => chain.endChunk(signature), { code: "SignatureDoesNotMatch" });
  }
});

Deno.test("ChunkSignatureChain.endChunk() finds the one bad link behind a good one", () => {
  const seed = createSeed();
  const chain = new ChunkSignatureChain(seed);
  let previousSignature = seed.signature;
  for (const text of ["a", "b"]) {
    const link = { ...seed, previousSignature, dataSha256: sha256(text === "b" ? "x" : text) };
    previousSignature = sign(buildChunkStringToSign(link));
    chain.update(joinBytes([text]));
    if (text !== "b") chain.endChunk(previousSignature);
    else assert.throws(() => chain.endChunk(previousSignature), { code: "SignatureDoesNotMatch" });
  }
});

for (const vector of vectors) {
  const { chunks, trailer } = vector;
  const link = {
    amzDate: formatAmzDate(new Date(vector.date)),
    credentialScope: vector.credentialScope,
  };

  Deno.test(`buildChunkStringToSign() matches AWS example "${vector.name}"`, () => {
    let previousSignature = vector.seedSignature;
    for (const { fill, bytes, stringToSign, signature } of chunks) {
      const dataSha256 = sha256(fill.repeat(bytes));
      const built = buildChunkStringToSign({ ...link, previousSignature, dataSha256 });
      assert.equal(built, stringToSign);
      assert.equal(sign(built), signature);
      previousSignature = signature;
    }
    if (trailer === undefined) return;
    const trailers = `${trailer.name}:${trailer.value}\n`;
    const built = buildTrailerStringToSign({ ...link, previousSignature, trailers });
    assert.equal(built, trailer.stringToSign);
    assert.equal(sign(built), trailer.signature);
  });

  Deno.test(`decodePayload() proves AWS example "${vector.name}"`, async () => {
    const body = joinBytes([
      ...chunks.map(({ fill, bytes, signature }) =>
        `${bytes.toString(16)};chunk-signature=${signature}\r\n` +
        (bytes === 0 ? "" : `${fill.repeat(bytes)}\r\n`)
      ),
      ...(trailer === undefined ? [] : [
        `${trailer.name}:${trailer.value}\r\n`,
        `x-amz-trailer-signature:${trailer.signature}\r\n`,
      ]),
      "\r\n",
    ]);
    assert.equal(body.length, vector.contentLength);
    const plan: ProvablePlan = {
      kind: "chunked",
      length: vector.decodedContentLength,
      form: vector.form,
      seed: createSeed(vector.seedSignature),
      checksum: trailer && { source: "trailer", algorithm: "CRC32C" },
    };
    for (const pieces of [cutAt(body, []), cutAt(body, [1, 88, 65_626]), cutFraming(body)]) {
      assert.deepEqual(await decodeAll(pieces, plan), {
        proven: true,
        plain: "a".repeat(66_560),
        checksum: trailer &&
          { algorithm: "CRC32C", header: trailer.name, value: trailer.value },
      });
    }
  });
}

/** Every byte for itself where there is framing or data begins or ends; the plain bytes between in tens. */
function cutFraming(body: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const isData = (at: number): boolean => body[at] === 0x61 && body[at - 1] === 0x61;
  return cutAt(body, Array.from(body, (_, at) => at).filter((at) => !isData(at) || at % 10 === 0));
}

function sign(stringToSign: string): string {
  const [vector] = vectors;
  assert(vector !== undefined);
  const key = deriveSigningKey({ secretKey: vector.secretKey, date: new Date(vector.date) });
  return Buffer.from(hmac(key, stringToSign)).toString("hex");
}
