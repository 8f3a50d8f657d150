import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { assertRefused, parseSample, type SampleRequest } from "./sample_request.ts";

for (
  const [problem, sample, code] of [
    ["an unknown x-amz-* header", { headers: [["x-amz-new", "1"]] }, "NotImplemented"],
    ["Z20 X-Auth-Token", { headers: [["X-Auth-Token", "t"]] }, "NotImplemented"],
    ["a hoisted unknown header", { target: "/b-b/k?X-Amz-New=1" }, "NotImplemented"],
    ["two values of a header in both places", {
      method: "PUT",
      target: "/b-b/k?x-amz-acl=public-read",
      headers: [["x-amz-acl", "private"]],
    }, "InvalidArgument"],
    ["a hoisted header in two cases", {
      method: "PUT",
      target: "/b-b/k?x-amz-acl=private&X-Amz-Acl=private",
    }, "InvalidArgument"],
    ["R5 a line end in a hoisted header", {
      method: "PUT",
      target: "/b-b/k?x-amz-meta-a=1%0d%0ax-amz-acl:public-read",
    }, "InvalidArgument"],
    ["R5 a hoisted header beyond latin1", {
      method: "PUT",
      target: "/b-b/k?x-amz-meta-a=%E2%82%AC",
    }, "InvalidArgument"],
    ["R5 a line end in response-*", {
      target: "/b-b/k?response-content-type=a%0d%0aSet-Cookie:b",
    }, "InvalidArgument"],
    ["R5 response-* beyond latin1", {
      target: "/b-b/k?response-content-disposition=%E2%82%AC",
    }, "InvalidArgument"],
    ["a hoisted precondition of another spelling", {
      target: "/b-b/k?if-match=a",
    }, "InvalidArgument"],
    ["too much metadata", {
      method: "PUT",
      headers: [["x-amz-meta-a", "v".repeat(LIMITS.metadataBytesMax)]],
    }, "MetadataTooLarge"],
    ["too much hoisted metadata", {
      method: "PUT",
      target: `/b-b/k?x-amz-meta-a=${"v".repeat(LIMITS.metadataBytesMax)}`,
    }, "MetadataTooLarge"],
    ["list-type of 1", { target: "/b-b?list-type=1" }, "InvalidArgument"],
    ["list-type of nothing", { target: "/b-b?list-type" }, "InvalidArgument"],
    ["a value behind a subresource", { target: "/b-b?acl=x" }, "InvalidArgument"],
    ["an empty versionId", { target: "/b-b/k?versionId=" }, "NoSuchVersion"],
    ["a bare versionId", { method: "DELETE", target: "/b-b/k?versionId" }, "NoSuchVersion"],
    ["an empty uploadId", { target: "/b-b/k?uploadId=" }, "NoSuchUpload"],
    ["UploadPart without partNumber", {
      method: "PUT",
      target: "/b-b/k?uploadId=1",
    }, "InvalidArgument"],
    ["partNumber of 0", part("0"), "InvalidArgument"],
    ["partNumber of -1", part("-1"), "InvalidArgument"],
    ["partNumber of 01", part("01"), "InvalidArgument"],
    ["partNumber of 1.0", part("1.0"), "InvalidArgument"],
    ["partNumber one past its bound", part(String(LIMITS.partNumberMax + 1)), "InvalidArgument"],
  ] as const satisfies readonly (readonly [string, SampleRequest, S3ErrorCode])[]
) {
  Deno.test(`parseS3Request() rejects ${problem}`, () => {
    assertRefused(() => parseSample(sample), code);
  });
}

function part(number: string): { method: string; target: string } {
  return { method: "PUT", target: `/b-b/k?uploadId=1&partNumber=${number}` };
}

Deno.test("parseS3Request() accepts the last part number", () => {
  const { parameters } = parseSample(part(String(LIMITS.partNumberMax)));
  assert.equal(parameters.get("partNumber"), "10000");
});

Deno.test("parseS3Request() takes what aws-sdk-js v2 presigns: a header in both places, and some for nothing", () => {
  const sample = {
    method: "PUT",
    target: "/b-b/k?Content-Type=a%2Fb&Cache-Control=c&Content-MD5=d&x-amz-acl=private",
    headers: [["x-amz-acl", "private"]],
  } as const;
  assertRefused(() => parseSample(sample), "InvalidArgument");
  const presigned = parseSample({ ...sample, target: `${sample.target}&X-Amz-Signature=s` });
  assert.deepEqual([...presigned.parameters], []);
  assert.equal(presigned.headers.get("x-amz-acl"), "private");
  assert.equal(presigned.headers.has("content-type"), false);
});

Deno.test("parseS3Request() lifts hoisted headers, in any case, out of the parameters", () => {
  const request = parseSample({
    method: "PUT",
    target: "/bucket/key?X-Amz-Acl=private&x-amz-meta-A=%C3%A9a" +
      "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&x-id=PutObject&X-Amz-Signature=s",
    headers: [["Host", "proxy.example"], ["Content-Type", "text/plain"]],
  });
  assert.deepEqual([...request.parameters], []);
  assert.deepEqual(Object.fromEntries(request.headers), {
    host: "proxy.example",
    "content-type": "text/plain",
    "x-amz-acl": "private",
    "x-amz-meta-a": "éa",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
  });
  assert.deepEqual([...request.sentHeaders.keys()], ["host", "content-type"]);
  assert.equal(request.query.size, 5);
});

Deno.test("parseS3Request() Z8 refuses the name of a signature in the wrong case", () => {
  assertRefused(
    () => parseSample({ target: "/bucket/key?x-amz-signature=s" }),
    "NotImplemented",
  );
});

Deno.test("parseS3Request() gives the authority as host where HTTP/2 has none", () => {
  const { sentHeaders, authority } = parseSample({});
  assert.equal(sentHeaders.get("host"), authority);
});

Deno.test("parseS3Request() is frozen", () => {
  assert.ok(Object.isFrozen(parseSample({})));
});

for (
  const [problem, sample] of [
    ["a negative length", { headers: [["content-length", "-1"]] }],
    ["a length with a sign", { headers: [["content-length", "+5"]] }],
    ["a length with a fraction", { headers: [["content-length", "5.0"]] }],
    ["a hexadecimal length", { headers: [["content-length", "0x5"]] }],
    ["an empty length", { headers: [["content-length", ""]] }],
    ["P8 two lengths, merged", { headers: [["content-length", "5"], ["content-length", "5"]] }],
    ["a length past 2^53", { headers: [["content-length", "9007199254740992"]] }],
    ["P8 a length and chunks", {
      headers: [["content-length", "5"], ["transfer-encoding", "chunked"]],
    }],
  ] as const satisfies readonly (readonly [string, SampleRequest])[]
) {
  Deno.test(`parseS3Request() rejects ${problem}`, () => {
    assertRefused(
      () => parseSample({ method: "PUT", hasBody: true, ...sample }),
      "InvalidRequest",
    );
  });
}

for (
  const [operation, sample] of [
    ["GetObject", { method: "GET" }],
    ["HeadObject", { method: "HEAD" }],
    ["DeleteObject", { method: "DELETE" }],
    ["CopyObject", { method: "PUT", headers: [["x-amz-copy-source", "a-b/c"]] }],
    ["CreateMultipartUpload", { method: "POST", target: "/bucket/key?uploads" }],
  ] as const satisfies readonly (readonly [string, SampleRequest])[]
) {
  const headers = "headers" in sample ? sample.headers : [];
  Deno.test(`parseS3Request() P8 refuses a body by its length on ${operation}`, () => {
    const framed = [...headers, ["content-length", "4"]] as const;
    assertRefused(
      () => parseSample({ ...sample, hasBody: true, headers: framed }),
      "InvalidRequest",
    );
  });

  Deno.test(`parseS3Request() leaves whether chunks on ${operation} are empty to their reader`, () => {
    const framed = [...headers, ["transfer-encoding", "chunked"]] as const;
    const { bodyLength } = parseSample({ ...sample, hasBody: true, headers: framed });
    assert.deepEqual(bodyLength, { kind: "unknown" });
  });
}

for (
  const [what, hasBody, headers, expected] of [
    ["nothing said of a body", false, [], { kind: "unknown" }],
    ["a length of 0", true, [["content-length", "0"]], { kind: "none" }],
    ["a length", true, [["content-length", "5"]], { kind: "known", bytes: 5 }],
    ["chunks", true, [["transfer-encoding", "chunked"]], { kind: "unknown" }],
    ["HTTP/2 without a length", true, [], { kind: "unknown" }],
  ] as const
) {
  Deno.test(`parseS3Request() reads the length of ${what}`, () => {
    assert.deepEqual(parseSample({ method: "PUT", hasBody, headers }).bodyLength, expected);
  });
}

Deno.test("parseS3Request() takes a DELETE's empty body stream for none", () => {
  assert.deepEqual(parseSample({ method: "DELETE", hasBody: true }).bodyLength, { kind: "none" });
});
