import assert from "node:assert/strict";
import { readBackendError } from "../../../src/s3/backend_error.ts";
import { assertRefused } from "./sample_request.ts";

const HTML = "<html><head><title>429 Too Many Requests</title></head><body><hr>nginx</body></html>";

function error(code: string, more = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code>${more}</Error>`;
}

for (
  const code of [
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "RequestTimeTooSkewed",
    "AuthorizationHeaderMalformed",
  ]
) {
  Deno.test(`readBackendError() R3 turns the backend's ${code} into InternalError`, () => {
    const { reason, status, detail } = assertRefused(
      () => readBackendError(403, error(code, "<AWSAccessKeyId>MASTER</AWSAccessKeyId>")),
      "InternalError",
    );
    assert.equal(reason, "backend_refused_signature");
    assert.equal(status, 500);
    assert.deepEqual(detail, {});
  });
}

for (
  const [what, status, body, code] of [
    ["429 in HTML", 429, HTML, "SlowDown"],
    ["429 in XML", 429, error("TooManyRequests"), "SlowDown"],
    ["503 in HTML", 503, HTML, "SlowDown"],
    ["503 in XML", 503, error("ServiceUnavailable"), "SlowDown"],
    ["502 in HTML", 502, HTML, "BadGateway"],
    ["504 in HTML", 504, HTML, "GatewayTimeout"],
    ["502 of nothing", 502, "", "BadGateway"],
    ["400 in HTML", 400, HTML, "BadGateway"],
    ["404 in HTML", 404, ` \n<!DOCTYPE HTML PUBLIC>${HTML}`, "BadGateway"],
    ["405 in text", 405, "Method Not Allowed", "BadGateway"],
    ["501 in HTML", 501, HTML, "BadGateway"],
    ["plain HTTP to a port of TLS", 400, "Client sent an HTTP request", "BadGateway"],
  ] as const
) {
  Deno.test(`readBackendError() R7 turns ${what} into ${code}`, () => {
    assertRefused(() => readBackendError(status, body), code);
  });
}

for (
  const [what, status, body, code] of [
    ["a code of S3's", 404, error("NoSuchKey", "<Message/>"), "NoSuchKey"],
    ["a backend's own code", 409, error("BucketNotEmpty"), "BucketNotEmpty"],
    ["a code nobody knows", 418, error("Teapot"), "Teapot"],
    ["a code called like a property", 400, error("constructor"), "constructor"],
    [
      "a namespaced document",
      404,
      error("NoSuchKey").replace(
        "<Error>",
        '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      ),
      "NoSuchKey",
    ],
    ["404 without a body", 404, "", "NoSuchKey"],
    ["412 without a body", 412, "", "PreconditionFailed"],
    ["416 without a body", 416, "", "InvalidRange"],
    ["403 in HTML", 403, HTML, "AccessDenied"],
    ["500 in HTML", 500, HTML, "InternalError"],
    ["418 in HTML", 418, HTML, "InvalidRequest"],
    ["a document cut off", 404, error("NoSuchBucket").slice(0, -5), "NoSuchKey"],
    ["a code with markup", 400, error("&lt;b&gt;"), "InvalidRequest"],
    ["a code of 65 letters", 400, error("C".repeat(65)), "InvalidRequest"],
    ["a doctype", 400, `<!DOCTYPE Error>${error("Evil").slice(38)}`, "InvalidRequest"],
    ["another document", 400, "<Fault><Code>Evil</Code></Fault>", "InvalidRequest"],
  ] as const
) {
  Deno.test(`readBackendError() reads ${what} as ${code}, with a message of its own`, () => {
    const shown = readBackendError(status, body);
    assert.equal(shown.status, status);
    assert.equal(shown.code, code);
    assert.equal(typeof shown.message, "string");
    assert.notEqual(shown.message, "");
  });
}

Deno.test("readBackendError() R3 repeats nothing but the code", () => {
  const secrets =
    "<Message>MASTER at fsn1.backend</Message><HostId>owner-7</HostId><BucketName>b</BucketName>";
  const shown = JSON.stringify(readBackendError(409, error("OperationAborted", secrets)));
  for (const secret of ["MASTER", "fsn1.backend", "owner-7"]) assert.ok(!shown.includes(secret));
});
