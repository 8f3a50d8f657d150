import assert from "node:assert/strict";
import { findUntold, refuseLostHeaders } from "../../../src/s3/lost_headers.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { assertRefused } from "./sample_request.ts";

for (
  const [name, header, headers] of [
    ["CopyObject", "x-amz-tagging", [["x-amz-tagging", "a=1"]]],
    ["CreateMultipartUpload", "x-amz-tagging", [["x-amz-tagging", "a=1"]]],
    ["CopyObject", "x-amz-object-lock-mode", [["x-amz-object-lock-mode", "COMPLIANCE"]]],
    ["CreateMultipartUpload", "x-amz-object-lock-mode", [["x-amz-object-lock-mode", "COMPLIANCE"]]],
    ["CreateMultipartUpload", "x-amz-object-lock-legal-hold", [
      ["x-amz-object-lock-legal-hold", "ON"],
    ]],
    ["CopyObject", "x-amz-object-lock-retain-until-date", [
      ["x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"],
    ]],
    ["CopyObject", "x-amz-tagging-directive", [["x-amz-tagging-directive", "REPLACE"]]],
    ["CopyObject", "x-amz-tagging-directive", [["x-amz-tagging-directive", "replace"]]],
    ["CopyObject", "x-amz-tagging", [
      ["x-amz-tagging", "a=1"],
      ["x-amz-tagging-directive", "REPLACE"],
      ["x-amz-metadata-directive", "REPLACE"],
    ]],
  ] as const
) {
  Deno.test(`refuseLostHeaders() refuses ${headers.map((pair) => pair.join(" ")).join(", ")} on ${name}`, () => {
    const refused = assertRefused(
      () =>
        refuseLostHeaders(new Map<string, string>(headers), {
          operation: { name },
          capabilities: PRESETS.ceph,
        }),
      "NotImplemented",
    );
    assert.deepEqual(refused.detail, { Header: header });
  });
}

for (
  const [name, headers] of [
    ["PutObject", [["x-amz-tagging", "a=1"], ["x-amz-object-lock-mode", "COMPLIANCE"]]],
    ["CopyObject", [["x-amz-tagging-directive", "COPY"], ["x-amz-tagging", ""]]],
    ["CopyObject", [
      ["x-amz-tagging-directive", "REPLACE"],
      ["x-amz-metadata-directive", "REPLACE"],
    ]],
    ["CreateMultipartUpload", []],
  ] as const
) {
  Deno.test(`refuseLostHeaders() accepts ${headers.map((pair) => pair.join(" ")).join(", ")} on ${name}`, () => {
    refuseLostHeaders(new Map<string, string>(headers), {
      operation: { name },
      capabilities: PRESETS.ceph,
    });
  });
}

for (
  const [kind, name, header, value] of [
    ["garage", "PutObject", "x-amz-tagging", "a=1"],
    ["rclone", "PutObject", "x-amz-object-lock-mode", "GOVERNANCE"],
    ["versitygw", "PutObject", "x-amz-server-side-encryption", "AES256"],
    ["other", "CreateMultipartUpload", "x-amz-server-side-encryption", "aws:kms"],
    ["other", "CopyObject", "x-amz-server-side-encryption-customer-algorithm", "AES256"],
  ] as const
) {
  Deno.test(`refuseLostHeaders() refuses ${header} of ${name} to ${kind}`, () => {
    const capabilities = PRESETS[kind];
    const headers = new Map([[header, value]]);
    const refused = assertRefused(
      () => refuseLostHeaders(headers, { operation: { name }, capabilities }),
      "NotImplemented",
    );
    assert.deepEqual(refused.detail, { Header: header });
    refuseLostHeaders(headers, { operation: { name: "UploadPart" }, capabilities });
    refuseLostHeaders(headers, { operation: { name }, capabilities: PRESETS.aws });
  });
}

Deno.test("findUntold() finds the encryption that an answer does not tell of", () => {
  const header = "x-amz-server-side-encryption";
  const asked = new Map([[header, "aws:kms"]]);
  const operation = { name: "PutObject" } as const;
  const capabilities = PRESETS.aws;
  for (
    const [told, untold] of [[{}, header], [{ [header]: "AES256" }, header], [
      { [header]: "aws:kms" },
      undefined,
    ]] as const
  ) {
    const options = { operation, capabilities, told: new Headers(told) };
    assert.equal(findUntold(asked, options), untold);
    assert.equal(findUntold(new Map(), options), undefined);
    assert.equal(findUntold(asked, { ...options, capabilities: PRESETS.ceph }), undefined);
  }
});
