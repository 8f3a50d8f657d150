import assert from "node:assert/strict";
import { buildUpstreamHeaders, selectResponseHeaders } from "../../../src/upstream/headers.ts";
import type { Header } from "../../support/signer.ts";
import { parseSample } from "../s3/sample_request.ts";

function build(headers: readonly Header[], target = "/bucket/key"): Record<string, string> {
  return Object.fromEntries(buildUpstreamHeaders(parseSample({ method: "PUT", target, headers })));
}

Deno.test("buildUpstreamHeaders() Z19 drops what is not on the list", () => {
  const dropped: readonly Header[] = [
    ["Host", "proxy.example"],
    ["Authorization", "AWS4-HMAC-SHA256 x"],
    ["Connection", "keep-alive, x-amz-acl"],
    ["Cookie", "a=b"],
    ["Expect", "100-continue"],
    ["Forwarded", "for=1.2.3.4"],
    ["Transfer-Encoding", "chunked"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["x-amz-content-sha256", "UNSIGNED-PAYLOAD"],
    ["x-amz-date", "20130524T000000Z"],
    ["x-amz-checksum-crc32", "AAAAAA=="],
    ["x-amz-decoded-content-length", "5"],
    ["x-amz-trailer", "x-amz-checksum-crc32"],
  ];
  assert.deepEqual(build(dropped), {});
});

Deno.test("buildUpstreamHeaders() forwards the object's own headers as they came", () => {
  const headers = { "content-type": "text/plain", "x-amz-meta-a": " b  c", "content-md5": "x" };
  assert.deepEqual(build(Object.entries(headers)), headers);
});

Deno.test("buildUpstreamHeaders() sends blanks with tabs in them as one space", () => {
  const headers = { "x-amz-meta-a": "b\tc\t\td \t e  f", "cache-control": "x" };
  assert.deepEqual(build(Object.entries(headers)), { ...headers, "x-amz-meta-a": "b c d e  f" });
});

Deno.test("buildUpstreamHeaders() sends hoisted headers as headers", () => {
  assert.deepEqual(build([], "/bucket/key?X-Amz-Meta-A=1&x-amz-storage-class=STANDARD"), {
    "x-amz-meta-a": "1",
    "x-amz-storage-class": "STANDARD",
  });
});

for (
  const [encoding, expected] of [
    ["gzip", "gzip"],
    ["gzip,br", "gzip,br"],
    ["aws-chunked", undefined],
    ["AWS-Chunked", undefined],
    ["aws-chunked,", undefined],
    ["aws-chunked,gzip", "gzip"],
    ["aws-chunked, gzip, br", "gzip,br"],
    ["gzip, aws-chunked", "gzip"],
  ] as const
) {
  Deno.test(`buildUpstreamHeaders() P7 makes ${expected ?? "nothing"} of Content-Encoding ${encoding}`, () => {
    assert.equal(build([["Content-Encoding", encoding]])["content-encoding"], expected);
  });
}

for (
  const [sent, expected] of [
    ["src/k", "/src/k"],
    ["/src%2Fa%2Fb", "/src/a/b"],
    ["src/a+b%20c", "/src/a%2Bb%20c"],
    ["src/%2541", "/src/%2541"],
    ["src/100%25", "/src/100%25"],
    ["src/k%3Fv%3D1", "/src/k%3Fv%3D1"],
    ["src/k?versionId=v.1", "/src/k?versionId=v.1"],
    ["src/a, /victim/b", "/src/a%2C%20/victim/b"],
    ["src/%F0%9F%98%80", "/src/%F0%9F%98%80"],
  ] as const
) {
  Deno.test(`buildUpstreamHeaders() Z1 writes the copy source ${sent} as it was read`, () => {
    assert.deepEqual(build([["x-amz-copy-source", sent]]), { "x-amz-copy-source": expected });
  });
}

Deno.test("selectResponseHeaders() Z12 keeps the backend to itself", () => {
  const headers = new Headers([
    ["content-type", "text/plain"],
    ["etag", '"e"'],
    ["x-amz-meta-a", "1"],
    ["x-amz-version-id", "v"],
    ["x-amz-request-id", "backend"],
    ["x-amz-id-2", "backend"],
    ["x-rgw-object-type", "Normal"],
    ["x-rgw-quota-max-size", "1"],
    ["server", "Ceph"],
    ["set-cookie", "a=b"],
    ["via", "1.1 haproxy"],
    ["location", "https://backend"],
    ["connection", "close"],
    ["transfer-encoding", "chunked"],
  ]);
  assert.deepEqual(selectResponseHeaders(headers).map(([name]) => name).toSorted(), [
    "content-type",
    "etag",
    "x-amz-meta-a",
    "x-amz-version-id",
  ]);
});
