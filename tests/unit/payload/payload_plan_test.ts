import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { LIMITS } from "../../../src/limits.ts";
import {
  parseDecodedContentLength,
  type PayloadPromise,
  planPayload,
} from "../../../src/payload/payload_plan.ts";
import type { BodyLength } from "../../../src/s3/request.ts";
import { parseContentSha256 } from "../../../src/sigv4/content_sha256.ts";
import { EMPTY_SHA256 } from "../../support/signer.ts";
import { createSeed } from "./sample_bodies.ts";

const seed = createSeed();
const CHUNKED_UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const CHUNKED_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const CHUNKED_SIGNED_TRAILER = `${CHUNKED_SIGNED}-TRAILER`;
const FORMS = [CHUNKED_UNSIGNED, CHUNKED_SIGNED, CHUNKED_SIGNED_TRAILER] as const;

interface Head {
  readonly sha256: string;
  readonly headers?: Record<string, string>;
  /** Headers that a presigner put into the query. */
  readonly hoisted?: Record<string, string>;
  readonly bodyLength?: BodyLength;
  readonly strict?: boolean;
}

function plan(
  { sha256, headers = {}, hoisted = {}, bodyLength = { kind: "known", bytes: 9 }, strict = false }:
    Head,
): ReturnType<typeof planPayload> {
  const promise: PayloadPromise = {
    payloadHash: parseContentSha256(sha256),
    seed,
    verifyContentIntegrity: strict,
  };
  const sentHeaders = new Map(Object.entries(headers));
  return planPayload({
    sentHeaders,
    headers: new Map([...sentHeaders, ...Object.entries(hoisted)]),
    bodyLength,
  }, promise);
}

const trailerHeaders = (sha256: string): Record<string, string> =>
  sha256 === CHUNKED_SIGNED_TRAILER ? { "x-amz-trailer": "x-amz-checksum-crc32" } : {};

for (const sha256 of FORMS) {
  const headers = trailerHeaders(sha256);

  Deno.test(`planPayload() refuses ${sha256} without a decoded length`, () => {
    assert.throws(() => plan({ sha256, headers }), { code: "MissingContentLength" });
  });

  Deno.test(`planPayload() refuses a decoded length that is none: ${sha256}`, () => {
    for (const text of ["", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1, 1", "٣", "NaN"]) {
      const bad = { ...headers, "x-amz-decoded-content-length": text };
      assert.throws(() => plan({ sha256, headers: bad }), { code: "InvalidArgument" }, text);
    }
  });

  Deno.test(`planPayload() refuses more than a PUT may hold: ${sha256}`, () => {
    for (const bytes of [`${LIMITS.putBytesMax + 1}`, `${2 ** 53}`, "9".repeat(400)]) {
      const big = { ...headers, "x-amz-decoded-content-length": bytes };
      assert.throws(() => plan({ sha256, headers: big }), { code: "EntityTooLarge" });
    }
    const allowed = { ...headers, "x-amz-decoded-content-length": `${LIMITS.putBytesMax}` };
    assert.equal(plan({ sha256, headers: allowed }).length, LIMITS.putBytesMax);
  });
}

for (const sha256 of [EMPTY_SHA256, "UNSIGNED-PAYLOAD"]) {
  Deno.test(`planPayload() refuses ${sha256} without a length, with a trailer, or too long`, () => {
    const unknown: BodyLength = { kind: "unknown" };
    assert.throws(() => plan({ sha256, bodyLength: unknown }), { code: "MissingContentLength" });
    const headers = { "x-amz-trailer": "x-amz-checksum-crc32" };
    assert.throws(() => plan({ sha256, headers }), { code: "MalformedTrailerError" });
    const tooLong: BodyLength = { kind: "known", bytes: LIMITS.putBytesMax + 1 };
    assert.throws(() => plan({ sha256, bodyLength: tooLong }), { code: "EntityTooLarge" });
  });
}

Deno.test("planPayload() refuses a trailer that the form does not have, or has to have", () => {
  const decoded = { "x-amz-decoded-content-length": "3" };
  const trailer = { ...decoded, "x-amz-trailer": "x-amz-checksum-crc32" };
  for (
    const { sha256, headers } of [
      { sha256: CHUNKED_SIGNED, headers: trailer },
      { sha256: CHUNKED_SIGNED_TRAILER, headers: decoded },
    ]
  ) {
    assert.throws(() => plan({ sha256, headers }), { code: "MalformedTrailerError" });
  }
});

Deno.test("planPayload() leaves a body alone that has nothing to prove", () => {
  const passthrough = { kind: "passthrough", length: 9 };
  assert.deepEqual(plan({ sha256: EMPTY_SHA256 }), passthrough);
  assert.deepEqual(plan({ sha256: "UNSIGNED-PAYLOAD" }), passthrough);
  assert.deepEqual(plan({ sha256: "UNSIGNED-PAYLOAD", strict: true }), passthrough);
  const headers = { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" };
  assert.deepEqual(plan({ sha256: EMPTY_SHA256, headers }), passthrough);
  assert.deepEqual(plan({ sha256: EMPTY_SHA256, bodyLength: { kind: "none" } }), {
    kind: "passthrough",
    length: 0,
  });
});

Deno.test("planPayload() ignores a checksum in the query, as S3 does", () => {
  // What the JavaScript SDK presigns for every PutObject: the CRC32 of no body.
  const hoisted = {
    "x-amz-checksum-crc32": "AAAAAA==",
    "x-amz-sdk-checksum-algorithm": "CRC32",
  };
  assert.deepEqual(plan({ sha256: "UNSIGNED-PAYLOAD", hoisted }), {
    kind: "passthrough",
    length: 9,
  });
});

Deno.test("planPayload() verifies a signed hash in strict mode, and a checksum in any", () => {
  const headers = { "x-amz-checksum-crc32": "y/Q5Jg==" };
  const checksum = {
    source: "header",
    algorithm: "CRC32",
    expected: Buffer.from("cbf43926", "hex"),
  };
  const plain = { kind: "verify_plain", length: 9, sha256Hex: undefined, checksum: undefined };
  assert.deepEqual(plan({ sha256: EMPTY_SHA256, strict: true }), {
    ...plain,
    sha256Hex: EMPTY_SHA256,
  });
  assert.deepEqual(plan({ sha256: EMPTY_SHA256, headers, strict: true }), {
    ...plain,
    sha256Hex: EMPTY_SHA256,
    checksum,
  });
  assert.deepEqual(plan({ sha256: EMPTY_SHA256, headers }), { ...plain, checksum });
  assert.deepEqual(plan({ sha256: "UNSIGNED-PAYLOAD", headers, strict: true }), {
    ...plain,
    checksum,
  });
});

Deno.test("planPayload() reads the three chunked forms, with Content-Length or without", () => {
  for (const bodyLength of [{ kind: "unknown" }, { kind: "known", bytes: 500 }] as const) {
    for (const strict of [false, true]) {
      for (const sha256 of FORMS) {
        const headers = { ...trailerHeaders(sha256), "x-amz-decoded-content-length": "0066560" };
        const isSigned = sha256 !== CHUNKED_UNSIGNED;
        assert.deepEqual(plan({ sha256, headers, bodyLength, strict }), {
          kind: "chunked",
          length: 66_560,
          form: parseContentSha256(sha256).kind,
          seed: isSigned ? seed : undefined,
          checksum: sha256 === CHUNKED_SIGNED_TRAILER
            ? { source: "trailer", algorithm: "CRC32" }
            : undefined,
        });
      }
    }
  }
});

Deno.test("parseDecodedContentLength() names what was too large", () => {
  const headers = new Map([["x-amz-decoded-content-length", "5368709121"]]);
  assert.throws(() => parseDecodedContentLength(headers), {
    code: "EntityTooLarge",
    detail: { ProposedSize: "5368709121", MaxSizeAllowed: "5368709120" },
  });
});
