import assert from "node:assert/strict";
import { parseContentSha256 } from "../../../src/sigv4/content_sha256.ts";
import { EMPTY_SHA256 } from "../../support/signer.ts";
import { assertRefused } from "../s3/sample_request.ts";

for (
  const text of [
    "",
    "unsigned-payload",
    "UNSIGNED-PAYLOAD, UNSIGNED-PAYLOAD",
    "UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILE",
    "STREAMING-UNSIGNED-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
    EMPTY_SHA256.toUpperCase(),
    EMPTY_SHA256.slice(1),
    `${EMPTY_SHA256}0`,
    `${EMPTY_SHA256}\n`,
    EMPTY_SHA256.replace("e", "g"),
  ]
) {
  Deno.test(`parseContentSha256() rejects ${JSON.stringify(text)}`, () => {
    assertRefused(() => parseContentSha256(text), "InvalidArgument");
  });
}

for (
  const [text, kind] of [
    ["UNSIGNED-PAYLOAD", "unsigned"],
    ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "chunked_signed"],
    ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "chunked_signed_trailer"],
    ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "chunked_unsigned_trailer"],
  ] as const
) {
  Deno.test(`parseContentSha256() reads ${text}`, () => {
    assert.deepEqual(parseContentSha256(text), { kind });
  });
}

Deno.test("parseContentSha256() reads a digest", () => {
  assert.deepEqual(parseContentSha256(EMPTY_SHA256), { kind: "signed", sha256Hex: EMPTY_SHA256 });
});
