import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parsePresignedV2 } from "../../../src/sigv4/presigned_v2.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";
import { verifyVersion2 } from "../../../src/sigv4/signing_key.ts";
import {
  assertRefused,
  parseSample,
  SAMPLE_RULES,
  type SampleRequest,
} from "../s3/sample_request.ts";

const TAKING = { ...SAMPLE_RULES, presignedV2: true };
const EXPIRES = 1175139620;
const BEFORE = new Date((EXPIRES - 60) * 1000);
const QUERY = `AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=${EXPIRES}&Signature=`;

// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (Query String Request Authentication Example)
Deno.test("verifyVersion2() matches AWS's example", () => {
  const stringToSign = `GET\n\n\n${EXPIRES}\n/awsexamplebucket1/photos/puppy.jpg`;
  const secret = new SecretAccessKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  const request = parseSample({
    target: `/photos/puppy.jpg?${QUERY}x`,
    headers: [["host", "awsexamplebucket1.s3.amazonaws.com"]],
  }, TAKING);
  assert.equal(parsePresignedV2(request, BEFORE).stringToSign, stringToSign);
  const signature = "NpgCjnDzrM+WFzoENXmpNDUsSn8=";
  const johnsmith = stringToSign.replace("awsexamplebucket1", "johnsmith");
  const matches = [stringToSign, johnsmith].filter((text) =>
    verifyVersion2(secret, { stringToSign: text, signature })
  );
  assert.equal(matches.length, 1);
  for (const wrong of ["", "NpgCjnDzrM+WFzoENXmpNDUsSn9=", "AAAA"]) {
    assert.equal(
      verifyVersion2(secret, { stringToSign: matches[0] ?? "", signature: wrong }),
      false,
    );
  }
});

for (
  const [what, sample, stringToSign] of [
    ["path style, as it was sent", { target: `/bucket/a%2Fb%20c?${QUERY}x` }, [
      "GET",
      "",
      "",
      EXPIRES,
      "/bucket/a%2Fb%20c",
    ]],
    ["subresources, decoded and sorted", {
      target: `/bucket/k?response-content-type=a%20b&${QUERY}x&partNumber=1&versionId=v`,
    }, ["GET", "", "", EXPIRES, "/bucket/k?partNumber=1&response-content-type=a b&versionId=v"]],
    ["headers, sent and in the query", {
      method: "PUT",
      target: `/bucket/k?${QUERY}x&content-type=text%2Fplain&x-amz-meta-b=2`,
      headers: [["X-Amz-Meta-A", "1"], ["Content-MD5", "m"], ["Cache-Control", "no"]],
    }, ["PUT", "m", "text/plain", EXPIRES, "x-amz-meta-a:1", "x-amz-meta-b:2", "/bucket/k"]],
  ] as const satisfies readonly (readonly [string, SampleRequest, readonly unknown[]])[]
) {
  Deno.test(`parsePresignedV2() signs ${what}`, () => {
    const request = parseSample(sample, TAKING);
    assert.equal(parsePresignedV2(request, BEFORE).stringToSign, stringToSign.join("\n"));
  });
}

for (
  const [what, expires] of [
    ["no number", "x"],
    ["a number that is none", "1e9"],
    ["the past", String(EXPIRES - 61)],
    ["more than seven days", String(EXPIRES - 60 + LIMITS.presignedExpiresSecondsMax + 1)],
  ] as const
) {
  Deno.test(`parsePresignedV2() refuses Expires of ${what}`, () => {
    const target = `/bucket/k?AWSAccessKeyId=a&Signature=x&Expires=${expires}`;
    assertRefused(() => parsePresignedV2(parseSample({ target }, TAKING), BEFORE), "AccessDenied");
  });
}

Deno.test("parsePresignedV2() takes seven days", () => {
  const expires = EXPIRES - 60 + LIMITS.presignedExpiresSecondsMax;
  const target = `/bucket/k?AWSAccessKeyId=a&Signature=x&Expires=${expires}`;
  assert.equal(parsePresignedV2(parseSample({ target }, TAKING), BEFORE).accessKeyId, "a");
});

for (
  const [what, sample, code] of [
    ["a listing", { target: `/bucket?${QUERY}x` }, "InvalidRequest"],
    ["the buckets", { target: `/?${QUERY}x` }, "InvalidRequest"],
    ["a delete", { method: "DELETE", target: `/bucket/k?${QUERY}x` }, "InvalidRequest"],
    [
      "a part",
      { method: "PUT", target: `/bucket/k?partNumber=1&uploadId=u&${QUERY}x` },
      "InvalidRequest",
    ],
    ["a copy", {
      method: "PUT",
      target: `/bucket/k?${QUERY}x`,
      headers: [["x-amz-copy-source", "a-b/c"]],
    }, "InvalidRequest"],
    ["an ACL", { target: `/bucket/k?acl&${QUERY}x` }, "InvalidRequest"],
    ["a parameter of one's own", { target: `/bucket/k?x-user=1&${QUERY}x` }, "InvalidArgument"],
    ["x-id", { target: `/bucket/k?x-id=GetObject&${QUERY}x` }, "InvalidArgument"],
    ["no signature", { target: "/bucket/k?AWSAccessKeyId=a&Expires=1" }, "AccessDenied"],
    ["Version 4 beside it", { target: `/bucket/k?X-Amz-Signature=a&${QUERY}x` }, "InvalidArgument"],
    ["a header beside it", {
      target: `/bucket/k?${QUERY}x`,
      headers: [["authorization", "AWS4-HMAC-SHA256 x"]],
    }, "InvalidArgument"],
    ["Version 2 in the header", { headers: [["authorization", "AWS a:b"]] }, "InvalidRequest"],
  ] as const satisfies readonly (readonly [string, SampleRequest, string])[]
) {
  Deno.test(`readSignatureVersion2() refuses ${what}, where its URLs are taken`, () => {
    assertRefused(() => parseSample(sample, TAKING), code);
  });
}

Deno.test("parsePresignedV2() refuses chunks and sessions", () => {
  const read = (name: string, value: string): unknown =>
    parsePresignedV2(
      parseSample(
        { method: "PUT", target: `/bucket/k?${QUERY}x`, headers: [[name, value]] },
        TAKING,
      ),
      BEFORE,
    );
  const chunks = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  assertRefused(() => read("x-amz-content-sha256", chunks), "InvalidArgument");
  assertRefused(() => read("x-amz-security-token", "t"), "InvalidToken");
});
