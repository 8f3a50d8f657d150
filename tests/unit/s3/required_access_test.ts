import assert from "node:assert/strict";
import type { Resource } from "../../../src/s3/addressing.ts";
import { listRequiredAccess, listRequiredToDelete } from "../../../src/s3/required_access.ts";
import { parseDeleteRequest } from "../../../src/s3/request_documents.ts";
import type { Header } from "../../support/signer.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { parseSample, SAMPLE_RULES } from "./sample_request.ts";

const COPY: Header = ["x-amz-copy-source", "src/k"];
const REPLACE_METADATA = ["x-amz-metadata-directive", "REPLACE"] as const;
const VERSION: Header = ["x-amz-copy-source", "src/k?versionId=1"];

function formatResource(resource: Resource): string {
  if (resource.level === "service") return "*";
  return resource.level === "bucket" ? resource.bucket : `${resource.bucket}/${resource.key}`;
}

for (
  const [method, target, headers, expected] of [
    ["GET", "/", [], ["s3:ListAllMyBuckets *"]],
    ["HEAD", "/dst", [], ["s3:ListBucket dst"]],
    ["PUT", "/dst", [], ["s3:CreateBucket dst"]],
    ["DELETE", "/dst", [], ["s3:DeleteBucket dst"]],
    ["GET", "/dst?versions", [], ["s3:ListBucketVersions dst"]],
    ["GET", "/dst/k", [], ["s3:GetObject dst/k"]],
    ["GET", "/dst/k?versionId=1", [], ["s3:GetObjectVersion dst/k"]],
    ["HEAD", "/dst/k?versionId=null", [], ["s3:GetObjectVersion dst/k"]],
    ["DELETE", "/dst/k", [], ["s3:DeleteObject dst/k"]],
    ["DELETE", "/dst/k?versionId=1", [], ["s3:DeleteObjectVersion dst/k"]],
    ["PUT", "/dst/k?tagging&versionId=1", [], ["s3:PutObjectVersionTagging dst/k"]],
    ["PUT", "/dst/k?acl&versionId=1", [], ["s3:PutObjectVersionAcl dst/k"]],
    ["GET", "/dst/k?uploadId=1", [], ["s3:ListMultipartUploadParts dst/k"]],
    ["DELETE", "/dst/k?uploadId=1", [], ["s3:AbortMultipartUpload dst/k"]],
    ["PUT", "/dst/k", [["x-amz-acl", "private"]], ["s3:PutObject dst/k"]],
    ["PUT", "/dst/k", [["x-amz-acl", "Private"]], ["s3:PutObject dst/k", "s3:PutObjectAcl dst/k"]],
    [
      "PUT",
      "/dst/k",
      [["x-amz-acl", "authenticated-read"]],
      ["s3:PutObject dst/k", "s3:PutObjectAcl dst/k"],
    ],
    ["PUT", "/dst/k?x-amz-acl=private", [], ["s3:PutObject dst/k"]],
    ["PUT", "/dst/k?x-amz-acl=public-read", [], ["s3:PutObject dst/k", "s3:PutObjectAcl dst/k"]],
    ["PUT", "/dst/k?acl", [["x-amz-acl", "private"]], ["s3:PutObjectAcl dst/k"]],
    ["PUT", "/dst", [["x-amz-grant-read", "id=1"]], ["s3:CreateBucket dst", "s3:PutBucketAcl dst"]],
    ["PUT", "/dst/k?X-Amz-Tagging=a", [], ["s3:PutObject dst/k", "s3:PutObjectTagging dst/k"]],
    ["PUT", "/dst/k", [["x-amz-object-lock-legal-hold", "ON"]], [
      "s3:PutObject dst/k",
      "s3:PutObjectLegalHold dst/k",
    ]],
    ["PUT", "/dst/k", [["x-amz-object-lock-mode", "GOVERNANCE"]], [
      "s3:PutObject dst/k",
      "s3:PutObjectRetention dst/k",
    ]],
    ["DELETE", "/dst/k?versionId=1", [["x-amz-bypass-governance-retention", "true"]], [
      "s3:DeleteObjectVersion dst/k",
      "s3:BypassGovernanceRetention dst/k",
    ]],
    ["PUT", "/dst/k", [["if-match", '"e"']], ["s3:PutObject dst/k", "s3:GetObject dst/k"]],
    ["PUT", "/dst/k", [["if-none-match", "e"]], ["s3:PutObject dst/k", "s3:GetObject dst/k"]],
    ["PUT", "/dst/k", [["if-none-match", "*"]], ["s3:PutObject dst/k"]],
    ["PUT", "/dst/k", [["if-match", "*"]], ["s3:PutObject dst/k"]],
    ["GET", "/dst/k", [["if-match", '"e"']], ["s3:GetObject dst/k"]],
    ["POST", "/dst/k?uploadId=1", [["if-match", '"e"']], [
      "s3:PutObject dst/k",
      "s3:GetObject dst/k",
    ]],
    ["PUT", "/dst", [["x-amz-bucket-object-lock-enabled", "true"]], [
      "s3:CreateBucket dst",
      "s3:PutBucketObjectLockConfiguration dst",
      "s3:PutBucketVersioning dst",
    ]],
    ["PUT", "/dst/k", [COPY], [
      "s3:PutObject dst/k",
      "s3:GetObject src/k",
      "s3:GetObjectTagging src/k",
    ]],
    ["PUT", "/dst/k", [VERSION], [
      "s3:PutObject dst/k",
      "s3:GetObjectVersion src/k",
      "s3:GetObjectVersionTagging src/k",
    ]],
    ["PUT", "/dst/k", [COPY, REPLACE_METADATA], [
      "s3:PutObject dst/k",
      "s3:GetObject src/k",
      "s3:GetObjectTagging src/k",
    ]],
    ["PUT", "/dst/k", [COPY, REPLACE_METADATA, ["x-amz-tagging-directive", "REPLACE"]], [
      "s3:PutObject dst/k",
      "s3:GetObject src/k",
    ]],
    ["PUT", "/dst/k?partNumber=1&uploadId=1", [COPY], ["s3:PutObject dst/k", "s3:GetObject src/k"]],
  ] as const
) {
  const shown = headers.map(([name]) => name).join(", ");
  Deno.test(`listRequiredAccess() Z10 Z11 Z13 of ${method} ${target} ${shown}`, () => {
    const access = listRequiredAccess(parseSample({ method, target, headers }));
    assert.deepEqual(
      access.map(({ action, resource }) => `${action} ${formatResource(resource)}`),
      expected,
    );
  });
}

Deno.test("listRequiredAccess() Z1 asks for the tags of a source that keep travelling on RGW", () => {
  const headers = [COPY, ["x-amz-tagging-directive", "REPLACE"]] as const;
  const rules = { ...SAMPLE_RULES, capabilities: PRESETS.aws };
  const access = listRequiredAccess(
    parseSample({ method: "PUT", target: "/dst/k", headers }, rules),
  );
  assert.ok(access.some(({ action }) => action === "s3:GetObjectTagging"));
});

for (
  const [headers, expected] of [
    [[], ["s3:DeleteObject dst/a", "s3:DeleteObjectVersion dst/b"]],
    [[["x-amz-bypass-governance-retention", "true"]], [
      "s3:DeleteObject dst/a",
      "s3:BypassGovernanceRetention dst/a",
      "s3:DeleteObjectVersion dst/b",
      "s3:BypassGovernanceRetention dst/b",
    ]],
  ] as const
) {
  Deno.test(`listRequiredToDelete() Z2 Z10 Z11 tells keys from versions, ${headers.length} headers`, () => {
    const request = parseSample({ method: "POST", target: "/dst?delete", headers });
    const { resource } = request;
    assert.equal(resource.level, "bucket");
    const { objects } = parseDeleteRequest(
      "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key><VersionId>1</VersionId></Object></Delete>",
    );
    const needs = objects.flatMap((object) =>
      listRequiredToDelete(request, { bucket: resource.bucket, object })
    );
    assert.deepEqual(
      needs.map(({ action, resource }) => `${action} ${formatResource(resource)}`),
      expected,
    );
  });
}
