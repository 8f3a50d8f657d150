import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { headerFate, verifyMetadata } from "../../../src/s3/header_table.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { assertRefused } from "./sample_request.ts";

for (
  const name of [
    "x-amz-write-offset-bytes",
    "x-amz-if-match-size",
    "x-amz-mfa",
    "x-amz-anything",
    "x-amz-meta-",
    "x-amz-",
    "x-rgw-anything",
    "rgwx-uid",
    "x-auth-token",
    "x-object-meta-a",
    "x-container-read",
  ]
) {
  Deno.test(`headerFate() Z20 refuses ${name} and names it`, () => {
    const error = assertRefused(() => headerFate(name), "NotImplemented");
    assert.deepEqual(error.detail, { Header: name });
  });
}

for (
  const [fate, names] of [
    ["forward", [
      "cache-control",
      "content-disposition",
      "content-encoding",
      "content-language",
      "content-md5",
      "content-type",
      "expires",
      "if-match",
      "if-none-match",
      "if-modified-since",
      "if-unmodified-since",
      "range",
      "x-amz-acl",
      "x-amz-copy-source",
      "x-amz-meta-a",
      "x-amz-storage-class",
      "x-amz-tagging",
      "x-amz-server-side-encryption-customer-key",
    ]],
    ["consume", [
      "authorization",
      "content-length",
      "date",
      "host",
      "x-amz-content-sha256",
      "x-amz-date",
      "x-amz-security-token",
      "x-amz-trailer",
      "x-amz-decoded-content-length",
      "x-amz-checksum-crc32",
      "x-amz-checksum-crc64nvme",
      // What the SDK for Java sends with its defaults.
      "x-amz-te",
      "x-amz-mp-object-size",
      // What mountpoint-s3 sends with every list.
      "x-amz-optional-object-attributes",
    ]],
    ["drop", [
      "accept",
      "accept-encoding",
      "connection",
      "cookie",
      "expect",
      "forwarded",
      "keep-alive",
      "origin",
      "proxy-authorization",
      "te",
      "transfer-encoding",
      "upgrade",
      "user-agent",
      "via",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-http-method-override",
      "x-original-url",
      "x-rewrite-url",
      "amz-sdk-request",
      "",
      "__proto__",
    ]],
  ] as const
) {
  for (const name of names) {
    Deno.test(`headerFate() says ${fate} of "${name}"`, () => {
      assert.equal(headerFate(name), fate);
    });
  }
}

function buildMetadata({ count, bytes }: { count: number; bytes: number }): Map<string, string> {
  return new Map(
    Array.from(
      { length: count },
      (_, at) => [`x-amz-meta-${String(at).padStart(2, "0")}`, "v".repeat(bytes)],
    ),
  );
}

for (
  const [problem, headers] of [
    ["one byte too many", buildMetadata({ count: 1, bytes: LIMITS.metadataBytesMax - 1 })],
    ["one byte too many in all", buildMetadata({ count: 64, bytes: 30 }).set("x-amz-meta-a", "")],
  ] as const
) {
  Deno.test(`verifyMetadata() rejects ${problem}`, () => {
    const code: S3ErrorCode = "MetadataTooLarge";
    assertRefused(() => verifyMetadata(headers, PRESETS.ceph), code);
  });
}

Deno.test("verifyMetadata() rejects names that are one to RGW", () => {
  for (const [one, other] of [["a_b", "a-b"], ["a_b-c", "a-b_c"]]) {
    const headers = new Map([[`x-amz-meta-${one}`, "1"], [`x-amz-meta-${other}`, "2"]]);
    assertRefused(() => verifyMetadata(headers, PRESETS.ceph), "InvalidRequest");
  }
  verifyMetadata(
    new Map([["x-amz-meta-a_b", "1"], ["x-amz-meta-a-c", "2"], ["a_b", ""], ["a-b", ""]]),
    PRESETS.ceph,
  );
  verifyMetadata(new Map([["x-amz-meta-a_b", "1"], ["x-amz-meta-a-b", "2"]]), PRESETS.minio);
});

Deno.test("verifyMetadata() accepts as much as there may be", () => {
  verifyMetadata(buildMetadata({ count: 99, bytes: 1 }), PRESETS.ceph);
  verifyMetadata(buildMetadata({ count: 64, bytes: 30 }), PRESETS.ceph);
  verifyMetadata(new Map([["content-type", "x".repeat(9999)]]), PRESETS.ceph);
});
