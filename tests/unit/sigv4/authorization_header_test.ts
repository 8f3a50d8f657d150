import assert from "node:assert/strict";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { parseAuthorizationHeader } from "../../../src/sigv4/authorization_header.ts";
import type { SignatureClaim } from "../../../src/sigv4/signature_claim.ts";
import { EMPTY_SHA256, type Header } from "../../support/signer.ts";
import { assertRefused, parseSample } from "../s3/sample_request.ts";

const SIGNATURE = "0123456789abcdef".repeat(4);
const CREDENTIAL = "Credential=AKID/20130524/us-east-1/s3/aws4_request";
const SIGNED_HEADERS = "SignedHeaders=host;x-amz-content-sha256;x-amz-date";
const FIELDS = `${CREDENTIAL}, ${SIGNED_HEADERS}, Signature=${SIGNATURE}`;
const HEADER = `AWS4-HMAC-SHA256 ${FIELDS}`;
const DATE: Header = ["x-amz-date", "20130524T000000Z"];
const HASH: Header = ["x-amz-content-sha256", EMPTY_SHA256];

function parse(authorization: string, headers: readonly Header[] = [DATE, HASH]): SignatureClaim {
  return parseAuthorizationHeader(authorization, {
    request: parseSample({ headers }),
    service: "s3",
    sessionToken: undefined,
    payloadHash: undefined,
  });
}

for (
  const [problem, header, code] of [
    ["A7 another digest", HEADER.replace("SHA256", "SHA1"), "InvalidArgument"],
    ["A7 a small algorithm", HEADER.toLowerCase(), "InvalidArgument"],
    ["A7 SigV4A", HEADER.replace("HMAC-SHA256", "ECDSA-P256-SHA256"), "InvalidArgument"],
    ["A7 SigV2", "AWS AKID:frJIUN8DYpKDtOLCwo//yllqDzg=", "InvalidArgument"],
    ["a bearer token", "Bearer abc.def.ghi", "InvalidArgument"],
    ["basic authentication", "Basic QUtJRDpzZWNyZXQ=", "InvalidArgument"],
    ["nothing", "", "InvalidArgument"],
    ["a tab after the algorithm", `AWS4-HMAC-SHA256\t${FIELDS}`, "InvalidArgument"],
    ["an algorithm alone", "AWS4-HMAC-SHA256", "AuthorizationHeaderMalformed"],
    ["an algorithm and a space", "AWS4-HMAC-SHA256 ", "AuthorizationHeaderMalformed"],
    ["A6 two headers, merged", `${HEADER}, ${HEADER}`, "AuthorizationHeaderMalformed"],
    ["A6 a field more", `${HEADER}, Expires=1`, "AuthorizationHeaderMalformed"],
    ["A6 a field twice", `${HEADER}, Signature=${SIGNATURE}`, "AuthorizationHeaderMalformed"],
    ["A6 a comma at the end", `${HEADER},`, "AuthorizationHeaderMalformed"],
    ["A6 no Credential", HEADER.replace(`${CREDENTIAL}, `, ""), "AuthorizationHeaderMalformed"],
    [
      "A6 no SignedHeaders",
      HEADER.replace(`${SIGNED_HEADERS}, `, ""),
      "AuthorizationHeaderMalformed",
    ],
    ["A6 no Signature", HEADER.replace(/, Sig.*/, ""), "AuthorizationHeaderMalformed"],
    [
      "a small field name",
      HEADER.replace("Credential", "credential"),
      "AuthorizationHeaderMalformed",
    ],
    ["A6 four parts", HEADER.replace("/s3/", "/"), "AuthorizationHeaderMalformed"],
    ["A6 six parts", HEADER.replace("/s3/", "/s3/s3/"), "AuthorizationHeaderMalformed"],
    ["A8 another service", HEADER.replace("/s3/", "/ec2/"), "AuthorizationHeaderMalformed"],
    ["A8 another terminator", HEADER.replace("aws4_", "aws5_"), "AuthorizationHeaderMalformed"],
    ["A8 another day", HEADER.replace("20130524", "20130523"), "AuthorizationHeaderMalformed"],
    ["A12 empty SignedHeaders", HEADER.replace(/=host[^,]*/, "="), "AuthorizationHeaderMalformed"],
    ["A12 a name twice", HEADER.replace("host;", "host;host;"), "AuthorizationHeaderMalformed"],
    ["A12 unsorted names", HEADER.replace("host;", "zost;"), "AuthorizationHeaderMalformed"],
    ["a short signature", HEADER.slice(0, -1), "AuthorizationHeaderMalformed"],
    ["a long signature", `${HEADER}0`, "AuthorizationHeaderMalformed"],
    ["a signature in capitals", HEADER.replace("abcdef", "ABCDEF"), "AuthorizationHeaderMalformed"],
    ["an empty signature", HEADER.replace(SIGNATURE, ""), "AuthorizationHeaderMalformed"],
  ] as const satisfies readonly (readonly [string, string, S3ErrorCode])[]
) {
  Deno.test(`parseAuthorizationHeader() rejects ${problem}`, () => {
    assertRefused(() => parse(header), code);
  });
}

for (
  const [problem, headers, code] of [
    ["A9 no date", [], "AccessDenied"],
    ["A9 an empty date", [["x-amz-date", ""]], "AccessDenied"],
    ["A9 a malformed date", [["x-amz-date", "20130524"]], "AccessDenied"],
    ["A9 two dates", [DATE, DATE], "AccessDenied"],
    ["A9 an unsigned Date alone", [["date", "Fri, 24 May 2013 00:00:00 GMT"]], "AccessDenied"],
    ["no x-amz-content-sha256", [DATE], "InvalidRequest"],
  ] as const satisfies readonly (readonly [string, readonly Header[], S3ErrorCode])[]
) {
  Deno.test(`parseAuthorizationHeader() rejects ${problem}`, () => {
    assertRefused(() => parse(HEADER, headers), code);
  });
}

Deno.test("parseAuthorizationHeader() A7 shows the scheme, and nothing behind it", () => {
  const error = assertRefused(() => parse("Bearer abc.def.ghi"), "InvalidArgument");
  assert.equal(error.message, "Unsupported Authorization Type");
  assert.deepEqual(error.detail, { ArgumentName: "Authorization", ArgumentValue: "Bearer" });
  const whole = assertRefused(() => parse("abc.def.ghi"), "InvalidArgument");
  assert.deepEqual(whole.detail, { ArgumentName: "Authorization" });
});

Deno.test("parseAuthorizationHeader() A15 does not repeat what was sent", () => {
  const error = assertRefused(
    () => parse(HEADER.replace("AKID", "<script>")),
    "AuthorizationHeaderMalformed",
  );
  assert.ok(!error.message.includes("script"));
});

for (
  const [spelling, header] of [
    ["spaces after commas", HEADER],
    ["no spaces", HEADER.replaceAll(", ", ",")],
    ["more spaces", HEADER.replaceAll(", ", " ,   ")],
    ["two spaces after the algorithm", HEADER.replace(" ", "  ")],
    [
      "another order",
      `AWS4-HMAC-SHA256 Signature=${SIGNATURE}, ${CREDENTIAL}, ${SIGNED_HEADERS}`,
    ],
  ] as const
) {
  Deno.test(`parseAuthorizationHeader() C10 reads ${spelling}`, () => {
    assert.deepEqual(parse(header), {
      type: "header",
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
      signedHeaders: ["host", "x-amz-content-sha256", "x-amz-date"],
      signature: SIGNATURE,
      payloadHash: EMPTY_SHA256,
      sessionToken: undefined,
      expiresSeconds: undefined,
    });
  });
}

Deno.test("parseAuthorizationHeader() A9 reads a signed Date", () => {
  const header = HEADER.replace("=host;x-amz-content-sha256;x-amz-date", "=date;host");
  const claim = parse(header, [
    ["date", "Fri, 24 May 2013 01:02:03 GMT"],
    ["x-amz-content-sha256", EMPTY_SHA256],
  ]);
  assert.equal(claim.amzDate, "20130524T010203Z");
});

Deno.test("parseAuthorizationHeader() reads a header alike, whatever was read before it", () => {
  const start = HEADER.slice(0, -SIGNATURE.length);
  const other = HEADER.replace("AKID", "OTHER");
  const headers = [
    HEADER,
    start + "f".repeat(64),
    start + "F".repeat(64),
    start + "f".repeat(63),
    start + "f".repeat(65),
    `${start}${"f".repeat(63)} `,
    `${start}${"f".repeat(31)},${"f".repeat(32)}`,
    start.replace(", Signature", ",Signature") + SIGNATURE,
    start.replace(", Signature", ",  Signature") + SIGNATURE,
    start.replace(", Signature", ",\tSignature") + SIGNATURE,
    start.replace("Signature", "NoSignature") + SIGNATURE,
    `AWS4-HMAC-SHA256 ${CREDENTIAL}, Signature=${SIGNATURE}, ${SIGNED_HEADERS} Signature=${SIGNATURE}`,
    `AWS4-HMAC-SHA256 Signature=${SIGNATURE}, ${CREDENTIAL}, ${SIGNED_HEADERS}`,
    start,
    "",
  ];
  const read = (header: string): unknown => {
    try {
      return parse(header);
    } catch (error) {
      return String(error);
    }
  };
  for (const header of headers) {
    for (const before of headers) {
      read(other);
      const alone = read(header);
      read(before);
      assert.deepEqual(read(header), alone, `${header} behind ${before}`);
    }
  }
});
