import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { parseSignedHeaders, verifySignedHeaders } from "../../../src/sigv4/signed_headers.ts";
import { assertRefused } from "../s3/sample_request.ts";

function numberedNames(count: number): string {
  return Array.from({ length: count }, (_, at) => `h${String(at).padStart(4, "0")}`).join(";");
}

for (
  const [problem, text] of [
    ["A12 nothing", ""],
    ["A12 an empty name", "host;;x-amz-date"],
    ["A12 a semicolon at the end", "host;"],
    ["A12 a semicolon at the start", ";host"],
    ["A12 a name twice", "host;host;x-amz-date"],
    ["A12 names out of order", "x-amz-date;host"],
    ["capitals", "Host;x-amz-date"],
    ["commas", "host,x-amz-date"],
    ["spaces", "host; x-amz-date"],
    ["a colon", "host:;x-amz-date"],
    ["a line end", "host\n"],
    ["too many names", numberedNames(LIMITS.signedHeadersMax + 1)],
  ] as const
) {
  Deno.test(`parseSignedHeaders() rejects ${problem}`, () => {
    assert.equal(parseSignedHeaders(text), undefined);
  });
}

Deno.test("parseSignedHeaders() reads as many names as there may be", () => {
  const text = numberedNames(LIMITS.signedHeadersMax);
  assert.equal(parseSignedHeaders(text)?.length, LIMITS.signedHeadersMax);
});

Deno.test("verifySignedHeaders() A12 demands host", () => {
  const headers = new Map([["host", "proxy"], ["x-amz-date", "now"]]);
  const error = assertRefused(() => verifySignedHeaders(["x-amz-date"], headers), "AccessDenied");
  assert.deepEqual(error.detail, { HeadersNotSigned: "host" });
});

Deno.test("verifySignedHeaders() A13 demands and names every x-amz-* header", () => {
  const headers = new Map([["host", "proxy"], ["x-amz-acl", "private"], ["x-amz-meta-a", "1"]]);
  const error = assertRefused(() => verifySignedHeaders(["host"], headers), "AccessDenied");
  assert.deepEqual(error.detail, { HeadersNotSigned: "x-amz-acl, x-amz-meta-a" });
});

Deno.test("verifySignedHeaders() A12 refuses a signed header that is not there, and names it", () => {
  const error = assertRefused(
    () => verifySignedHeaders(["content-md5", "host"], new Map([["host", "proxy"]])),
    "SignatureDoesNotMatch",
  );
  assert.match(error.message, /"content-md5"/);
});

Deno.test("verifySignedHeaders() gives back an expect that was signed and taken away", () => {
  const headers = new Map([["host", "proxy"]]);
  const signed = verifySignedHeaders(["expect", "host"], headers);
  assert.deepEqual([...signed], [["host", "proxy"], ["expect", "100-continue"]]);
  assert.equal(headers.has("expect"), false);
  for (const [names, expect] of [[["host"], undefined], [["expect", "host"], "else"]] as const) {
    const sent = new Map(headers);
    if (expect !== undefined) sent.set("expect", expect);
    assert.equal(verifySignedHeaders(names, sent), sent);
  }
});

Deno.test("verifySignedHeaders() does not ask for other headers", () => {
  verifySignedHeaders(["host"], new Map([["host", "proxy"], ["content-type", "text/plain"]]));
});

Deno.test("parseSignedHeaders() remembers no list for another text, and nothing that is wrong", () => {
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(parseSignedHeaders("host;x-amz-date"), ["host", "x-amz-date"]);
    assert.equal(parseSignedHeaders("x-amz-date;host"), undefined);
    assert.deepEqual(parseSignedHeaders("host"), ["host"]);
    assert.equal(parseSignedHeaders("host;host"), undefined);
  }
});
