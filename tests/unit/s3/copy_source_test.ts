import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parseCopySource } from "../../../src/s3/copy_source.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { assertRefused, parseSample } from "./sample_request.ts";

const RULES = { relaxed: false, reserved: new Set<string>() };
const LONGEST_VERSION = "v".repeat(1024);

for (
  const [form, text, code] of [
    ["empty", "", "InvalidArgument"],
    ["a space", " ", "InvalidArgument"],
    ["a slash", "/", "InvalidArgument"],
    ["a bucket alone", "victim", "InvalidArgument"],
    ["a slash and a bucket", "/victim", "InvalidArgument"],
    ["two leading slashes", "//victim/key", "InvalidArgument"],
    ["an encoded second slash", "/%2Fvictim/key", "InvalidArgument"],
    ["two encoded slashes", "%2F%2Fvictim/key", "InvalidArgument"],
    ["a tenant", "tenant:victim/key", "InvalidArgument"],
    ["an encoded tenant", "tenant%3Avictim/key", "InvalidArgument"],
    ["an access point", "arn:aws:s3:us-east-1:1:accesspoint/a/object/k", "InvalidArgument"],
    ["an encoded access point", "arn%3Aaws%3As3%3A%3A1%3Aaccesspoint%2Fa%2Fk", "InvalidArgument"],
    ["an unknown parameter", "mine/key?acl", "InvalidArgument"],
    ["a version in another case", "mine/key?versionid=1", "InvalidArgument"],
    ["an empty version", "mine/key?versionId=", "InvalidArgument"],
    ["a version of another key", `mine/key?versionId=${"v".repeat(31)}_x`, "InvalidArgument"],
    ["a parameter after the version", "mine/key?versionId=1&x=2", "InvalidArgument"],
    ["two question marks", "mine/key?versionId=1?versionId=2", "InvalidArgument"],
    ["an encoded version", "mine/key?versionId=%31", "InvalidArgument"],
    ["a long version", `mine/key?versionId=${LONGEST_VERSION}v`, "InvalidArgument"],
    ["a control character", "mine/k\ney", "InvalidArgument"],
    ["raw latin1", "mine/\xe9", "InvalidArgument"],
    ["upper case", "Victim/key", "InvalidBucketName"],
    ["a reserved bucket", "admin/key", "InvalidBucketName"],
    ["dots as bucket", "../victim/key", "InvalidBucketName"],
    ["double-encoded slash in the bucket", "mine%252Fvictim/key", "InvalidBucketName"],
    ["dot segments", "mine/../victim/key", "InvalidURI"],
    ["encoded dot segments", "mine/%2e%2e/victim/key", "InvalidURI"],
    ["dot segments behind %2F", "mine%2F..%2Fvictim%2Fkey", "InvalidURI"],
    ["broken percent-encoding", "mine/%zz", "InvalidURI"],
    ["a percent sign alone", "%", "InvalidURI"],
    ["invalid UTF-8", "mine/%ff", "InvalidURI"],
    ["NUL", "mine/a%00b", "InvalidURI"],
    ["a long key", `mine/${"k".repeat(LIMITS.keyBytesMax + 1)}`, "KeyTooLongError"],
  ] as const satisfies readonly (readonly [string, string, S3ErrorCode])[]
) {
  Deno.test(`parseCopySource() Z1 rejects ${form}`, () => {
    assertRefused(() => parseCopySource(text, RULES), code);
  });
}

for (
  const [text, bucket, key, versionId] of [
    ["victim/key", "victim", "key", undefined],
    ["/victim/key", "victim", "key", undefined],
    ["victim%2Fkey", "victim", "key", undefined],
    ["%2Fvictim%2Fkey", "victim", "key", undefined],
    ["/vic%74im/key", "victim", "key", undefined],
    ["victim//key", "victim", "/key", undefined],
    ["victim/a%2Fb", "victim", "a/b", undefined],
    ["victim/a+b%20c", "victim", "a+b c", undefined],
    ["victim/%2541", "victim", "%41", undefined],
    ["victim/%252e%252e/k", "victim", "%2e%2e/k", undefined],
    ["victim/key?versionId=null", "victim", "key", "null"],
    [`victim/key?versionId=${LONGEST_VERSION}`, "victim", "key", LONGEST_VERSION],
    ["victim/key%3Fversion%3D1", "victim", "key?version=1", undefined],
    ["victim/%F0%9F%98%80", "victim", "😀", undefined],
    // Sent twice and merged: one source whose key holds the rest, and encoded again as such.
    ["mine/a, /victim/b", "mine", "a, /victim/b", undefined],
  ] as const
) {
  Deno.test(`parseCopySource() Z1 reads ${text.slice(0, 60)} one way`, () => {
    assert.deepEqual(parseCopySource(text, RULES), { bucket, key, versionId });
  });
}

const SOURCE = "x-amz-copy-source";
for (
  const [what, method, target] of [
    ["GetObject", "GET", "/bucket/key"],
    ["HeadObject", "HEAD", "/bucket/key"],
    ["DeleteObject", "DELETE", "/bucket/key"],
    ["CompleteMultipartUpload", "POST", "/bucket/key?uploadId=1"],
    ["CreateMultipartUpload", "POST", "/bucket/key?uploads"],
    ["PutObjectTagging", "PUT", "/bucket/key?tagging"],
    ["CreateBucket", "PUT", "/bucket"],
    ["ListBuckets", "GET", "/"],
  ] as const
) {
  Deno.test(`parseS3Request() Z1 rejects a copy source on ${what}`, () => {
    const headers = [[SOURCE, "victim/key"]] as const;
    assertRefused(() => parseSample({ method, target, headers }), "InvalidArgument");
  });
}

for (const query of ["x-amz-copy-source=victim%2Fkey", "X-Amz-Copy-Source=victim%2Fkey"]) {
  Deno.test(`parseS3Request() Z1 reads a hoisted copy source: ${query}`, () => {
    const request = parseSample({ method: "PUT", target: `/bucket/key?${query}` });
    assert.equal(request.operation.name, "CopyObject");
    assert.deepEqual(request.copySource, { bucket: "victim", key: "key", versionId: undefined });
  });
}

Deno.test("parseS3Request() Z1 rejects an empty copy source", () => {
  assertRefused(() => parseSample({ method: "PUT", headers: [[SOURCE, ""]] }), "InvalidArgument");
});

Deno.test("parseS3Request() Z1 refuses '%' in the key of UploadPartCopy, not of CopyObject", () => {
  const headers = [[SOURCE, "victim/100%25"]] as const;
  const target = "/bucket/key?partNumber=1&uploadId=1";
  assertRefused(() => parseSample({ method: "PUT", target, headers }), "NotImplemented");
  assert.equal(parseSample({ method: "PUT", headers }).copySource?.key, "100%");
});
