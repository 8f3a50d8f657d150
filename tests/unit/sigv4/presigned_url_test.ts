import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parsePresignedQuery } from "../../../src/sigv4/presigned_url.ts";
import type { SignatureClaim } from "../../../src/sigv4/signature_claim.ts";
import { uriEncode } from "../../support/signer.ts";
import { assertRefused, parseSample } from "../s3/sample_request.ts";

const SIGNATURE = "0123456789abcdef".repeat(4);
const QUERY = {
  "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
  "X-Amz-Credential": "AKID/20130524/us-east-1/s3/aws4_request",
  "X-Amz-Date": "20130524T000000Z",
  "X-Amz-Expires": "86400",
  "X-Amz-SignedHeaders": "host",
  "X-Amz-Signature": SIGNATURE,
};

/** Parses {@linkcode QUERY} with some of it changed; `undefined` leaves a parameter out. */
function parse(change: Readonly<Record<string, string | undefined>> = {}): SignatureClaim {
  const query = Object.entries({ ...QUERY, ...change })
    .flatMap(([name, value]) => value === undefined ? [] : [`${name}=${uriEncode(value)}`]);
  return parsePresignedQuery(parseSample({ target: `/bucket/key?${query.join("&")}` }), {
    service: "s3",
    sessionToken: undefined,
    payloadHash: undefined,
  });
}

for (const name of Object.keys(QUERY)) {
  Deno.test(`parsePresignedQuery() rejects a query without ${name}`, () => {
    assertRefused(() => parse({ [name]: undefined }), "AuthorizationQueryParametersError");
  });
  Deno.test(`parsePresignedQuery() rejects an empty ${name}`, () => {
    assertRefused(() => parse({ [name]: "" }), "AuthorizationQueryParametersError");
  });
}

for (
  const [name, value] of [
    ["X-Amz-Algorithm", "aws4-hmac-sha256"],
    ["X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA1"],
    ["X-Amz-Credential", "AKID/20130524/us-east-1/s3"],
    ["X-Amz-Credential", "AKID/20130524/us-east-1/s3/aws4_request/x"],
    ["X-Amz-Credential", "AKID/20130524/us-east-1/sts/aws4_request"],
    ["X-Amz-Credential", "AKID/20130524/us-east-1/s3/aws5_request"],
    ["X-Amz-Credential", "AKID/20130525/us-east-1/s3/aws4_request"],
    ["X-Amz-Date", "20130524"],
    ["X-Amz-Date", "20130532T000000Z"],
    ["X-Amz-Date", "Fri, 24 May 2013 00:00:00 GMT"],
    ["X-Amz-Expires", "0"],
    ["X-Amz-Expires", "00"],
    ["X-Amz-Expires", "-1"],
    ["X-Amz-Expires", "+60"],
    ["X-Amz-Expires", "60.5"],
    ["X-Amz-Expires", "1e3"],
    ["X-Amz-Expires", "0x10"],
    ["X-Amz-Expires", " 60"],
    ["X-Amz-Expires", "NaN"],
    ["X-Amz-Expires", "Infinity"],
    ["X-Amz-Expires", String(LIMITS.presignedExpiresSecondsMax + 1)],
    ["X-Amz-Expires", "9".repeat(15)],
    ["X-Amz-Expires", "9".repeat(400)],
    ["X-Amz-SignedHeaders", "Host"],
    ["X-Amz-SignedHeaders", "x-amz-date;host"],
    ["X-Amz-SignedHeaders", "host;host"],
    ["X-Amz-Signature", SIGNATURE.slice(1)],
    ["X-Amz-Signature", SIGNATURE.toUpperCase()],
    ["X-Amz-Signature", `${SIGNATURE}0`],
  ] as const
) {
  Deno.test(`parsePresignedQuery() A9 rejects ${name}=${value.slice(0, 50)}`, () => {
    assertRefused(() => parse({ [name]: value }), "AuthorizationQueryParametersError");
  });
}

for (const [text, seconds] of [["1", 1], ["604800", LIMITS.presignedExpiresSecondsMax]] as const) {
  Deno.test(`parsePresignedQuery() accepts a life of ${text} seconds`, () => {
    assert.equal(parse({ "X-Amz-Expires": text }).expiresSeconds, seconds);
  });
}

Deno.test("parsePresignedQuery() reads the six parameters", () => {
  assert.deepEqual(parse(), {
    type: "presigned",
    credential: {
      accessKeyId: "AKID",
      scope: {
        date: "20130524",
        region: "us-east-1",
        service: "s3",
        text: "20130524/us-east-1/s3/aws4_request",
      },
    },
    amzDate: "20130524T000000Z",
    signedAt: new Date("2013-05-24T00:00:00Z"),
    signedHeaders: ["host"],
    signature: SIGNATURE,
    payloadHash: "UNSIGNED-PAYLOAD",
    sessionToken: undefined,
    expiresSeconds: 86400,
  });
});

Deno.test("parsePresignedQuery() takes the payload hash from the query, where SDKs put it", () => {
  assert.equal(parse({ "X-Amz-Content-Sha256": "a".repeat(64) }).payloadHash, "a".repeat(64));
});
