import assert from "node:assert/strict";
import { defaultMessage, S3Error, type S3ErrorCode } from "../../../src/s3/error.ts";
import { LIMITS } from "../../../src/limits.ts";
import { formatErrorDocument } from "../../../src/s3/error_document.ts";
import { parseXml, textOf } from "../../../src/s3/xml.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
const STATUSES: readonly (readonly [S3ErrorCode, number])[] = [
  ["AccessDenied", 403],
  ["AuthorizationHeaderMalformed", 400],
  ["AuthorizationQueryParametersError", 400],
  ["BadDigest", 400],
  ["EntityTooLarge", 400],
  ["IncompleteBody", 400],
  ["InternalError", 500],
  ["InvalidAccessKeyId", 403],
  ["InvalidArgument", 400],
  ["InvalidBucketName", 400],
  ["InvalidRequest", 400],
  ["InvalidURI", 400],
  ["KeyTooLongError", 400],
  ["MalformedXML", 400],
  ["MetadataTooLarge", 400],
  ["MethodNotAllowed", 405],
  ["MissingContentLength", 411],
  ["MissingSecurityHeader", 400],
  ["NoSuchBucket", 404],
  ["NotImplemented", 501],
  ["PreconditionFailed", 412],
  ["RequestTimeTooSkewed", 403],
  ["SignatureDoesNotMatch", 403],
  ["SlowDown", 503],
];

for (const [code, status] of STATUSES) {
  Deno.test(`S3Error of ${code} has status ${status} and a sentence`, () => {
    const error = new S3Error(code);
    assert.equal(error.status, status);
    assert.equal(error.message, defaultMessage(code));
    assert.deepEqual(error.detail, {});
    assert.equal(error.reason, undefined);
    assert.ok(!("cause" in error));
  });
}

for (const code of ["Teapot", "toString", "__proto__", ""]) {
  Deno.test(`defaultMessage() knows nothing of "${code}"`, () => {
    assert.equal(defaultMessage(code), undefined);
  });
}

Deno.test("S3Error is an Error without a stack, and says what it is", () => {
  const error = new S3Error("AccessDenied");
  assert.ok(error instanceof Error);
  assert.ok(!("stack" in error));
  assert.equal(String(error), "S3Error: Access Denied");
});

Deno.test("S3Error keeps what it is told", () => {
  const cause = new Error("beneath");
  const error = new S3Error("BadRequest", { message: "m", detail: { A: "1" }, reason: "r", cause });
  assert.deepEqual(
    [error.message, error.detail, error.reason, error.cause],
    ["m", { A: "1" }, "r", cause],
  );
});

Deno.test("formatErrorDocument() writes Code and Message first, Resource and RequestId last", () => {
  const document = formatErrorDocument({
    code: "InvalidArgument",
    message: "No.",
    detail: { ArgumentName: "x" },
    resource: "/bucket/key",
    requestId: "0001",
  });
  assert.equal(
    document,
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidArgument</Code><Message>No.</Message>' +
      "<ArgumentName>x</ArgumentName><Resource>/bucket/key</Resource><RequestId>0001</RequestId></Error>",
  );
});

Deno.test("X5 formatErrorDocument() shows a bound of each text", () => {
  const most = LIMITS.errorTextBytesMax;
  const shown = (resource: string): string | undefined => {
    const rest = { code: "AccessDenied", message: "m", detail: {}, requestId: "r" };
    return /<Resource>([^<]*)/.exec(formatErrorDocument({ ...rest, resource }))?.[1];
  };
  for (const length of [most - 1, most]) assert.equal(shown("k".repeat(length))?.length, length);
  assert.equal(shown("k".repeat(most + 1)), "k".repeat(most));
  // A character is shown whole or not at all.
  assert.equal(shown("k".repeat(most - 1) + "ü"), "k".repeat(most - 1));
});

Deno.test("X5 formatErrorDocument() shows a bound of all texts together", () => {
  const detail = Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`Detail${at}`, '"'.repeat(60_000)]),
  );
  const message = "<".repeat(60_000);
  const given = { code: "InvalidArgument", message, detail, requestId: "0123456789ABCDEF" };
  const document = formatErrorDocument({ ...given, resource: "&".repeat(60_000) });
  const texts = parseXml(document).children.map((child) =>
    typeof child === "string" ? child : textOf(child)
  );
  assert.equal(texts.join("").length, LIMITS.errorDocumentBytesMax);
  assert.deepEqual([texts[0], texts.at(-1)], [given.code, given.requestId]);
});

Deno.test("formatErrorDocument() A15 escapes whatever a client sent", () => {
  const evil = "</Message><script>&'\"\0\r\n]]>é";
  const document = formatErrorDocument({
    code: "InvalidArgument",
    message: evil,
    detail: { ArgumentName: evil },
    resource: evil,
    requestId: "0001",
  });
  assert.ok(!document.includes("<script>"));
  const texts = parseXml(document).children.map((child) =>
    typeof child === "string" ? child : textOf(child)
  );
  const shown = evil.replace("\0", "\ufffd");
  assert.deepEqual(texts, ["InvalidArgument", shown, shown, shown, "0001"]);
});
