import assert from "node:assert/strict";
import { answerPreflight, type CorsRule, listCorsHeaders } from "../../../src/s3/cors.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { parseBucketName } from "../../../src/s3/names.ts";
import type { RawRequest } from "../../../src/s3/request.ts";

const ADDRESSING = {
  virtualHostDomains: ["s3.example.com"],
  bucketNames: { relaxed: false, reserved: new Set<string>() },
};
const APP: CorsRule = {
  matchesBucket: (bucket) => bucket.startsWith("app-"),
  allowedOrigins: ["https://app.example.com", "https://*.preview.example.com"],
  allowedMethods: ["GET", "PUT"],
  allowedHeaders: ["content-type", "x-amz-*"],
  exposeHeaders: ["ETag"],
  maxAgeSeconds: 600,
};
const PUBLIC: CorsRule = {
  matchesBucket: (bucket) => bucket === "assets",
  allowedOrigins: ["*"],
  allowedMethods: ["GET"],
  allowedHeaders: [],
  exposeHeaders: [],
  maxAgeSeconds: undefined,
};

interface Preflight {
  readonly origin?: string;
  readonly method?: string;
  readonly headers?: string;
  readonly target?: string;
  readonly authority?: string;
  readonly rules?: readonly CorsRule[];
}

function preflight(
  { origin = "https://app.example.com", method = "PUT", headers, target, authority, rules }:
    Preflight,
): ReadonlyMap<string, string> {
  const raw: RawRequest = {
    method: "OPTIONS",
    target: target ?? "/app-one/key",
    authority: authority ?? "127.0.0.1:8080",
    scheme: "https",
    headers: new Map([
      ["origin", origin],
      ["access-control-request-method", method],
      ["access-control-request-headers", headers ?? ""],
    ].filter(([, value]) => value !== "") as [string, string][]), // pairs stay pairs
    body: null,
    clientAddress: "127.0.0.1",
    clientGone: () => new AbortController().signal,
  };
  return new Map(answerPreflight(raw, { rules: rules ?? [APP, PUBLIC], addressing: ADDRESSING }));
}

const REFUSED: readonly [what: string, preflight: Preflight, code: string][] = [
  ["another origin", { origin: "https://evil.example" }, "AccessForbidden"],
  [
    "an origin that only starts like one",
    { origin: "https://app.example.com.evil" },
    "AccessForbidden",
  ],
  [
    "an origin without what the star stands between",
    { origin: "https://preview.example.com" },
    "AccessForbidden",
  ],
  ["another method", { method: "DELETE" }, "AccessForbidden"],
  ["another header", { headers: "content-type, authorization" }, "AccessForbidden"],
  ["another bucket", { target: "/other-bucket/key" }, "AccessForbidden"],
  ["the service", { target: "/" }, "AccessForbidden"],
  ["no origin", { origin: "" }, "BadRequest"],
  ["no method", { method: "" }, "BadRequest"],
  ["a path that folds", { target: "/app-one/../other-bucket/key" }, "InvalidURI"],
];

for (const [what, request, code] of REFUSED) {
  Deno.test(`answerPreflight() refuses ${what}`, () => {
    assert.throws(
      () => preflight(request),
      (error) => error instanceof S3Error && error.code === code,
    );
  });
}

Deno.test("C9 answerPreflight() allows what the first fitting rule says", () => {
  const headers = preflight({ headers: "Content-Type, X-Amz-Date" });
  assert.deepEqual(Object.fromEntries(headers), {
    "access-control-allow-origin": "https://app.example.com",
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-headers": "content-type, x-amz-date",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "ETag",
    "access-control-max-age": "600",
    "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  });
});

Deno.test("answerPreflight() finds the bucket in the host", () => {
  const headers = preflight({ authority: "app-two.s3.example.com", target: "/key" });
  assert.equal(headers.get("access-control-allow-origin"), "https://app.example.com");
  assert.equal(
    preflight({ origin: "https://pr-7.preview.example.com" }).get("access-control-allow-origin"),
    "https://pr-7.preview.example.com",
  );
});

Deno.test("answerPreflight() gives any origin no credentials", () => {
  const headers = preflight({ target: "/assets/logo.png", method: "GET" });
  assert.equal(headers.get("access-control-allow-origin"), "*");
  assert.equal(headers.has("access-control-allow-credentials"), false);
});

Deno.test("listCorsHeaders() is silent without an origin and for one no rule fits", () => {
  const bucket = parseBucketName("app-one", ADDRESSING.bucketNames);
  const request = (origin: string | undefined): Map<string, string> =>
    new Map(listCorsHeaders({
      method: "GET",
      target: "/app-one",
      authority: "127.0.0.1",
      headers: new Map(origin === undefined ? [] : [["origin", origin]]),
    }, { rules: [APP], addressing: ADDRESSING, resource: { level: "bucket", bucket } }));
  assert.equal(request(undefined).size, 0);
  assert.equal(request("https://evil.example").size, 0);
  assert.equal(request("https://app.example.com").get("access-control-max-age"), "600");
  assert.equal(
    request("https://app.example.com").get("access-control-allow-origin"),
    "https://app.example.com",
  );
});

Deno.test("listCorsHeaders() takes an empty origin for none, where any may ask", () => {
  const bucket = parseBucketName("assets", ADDRESSING.bucketNames);
  const request = (origin: string): number =>
    listCorsHeaders({
      method: "GET",
      target: "/assets",
      authority: "127.0.0.1",
      headers: new Map([["origin", origin]]),
    }, {
      rules: [{ ...APP, matchesBucket: () => true, allowedOrigins: ["*"] }],
      addressing: ADDRESSING,
      resource: { level: "bucket", bucket },
    }).length;
  assert.notEqual(request("https://app.example.com"), 0);
  assert.equal(request(""), 0);
});

Deno.test("answerPreflight() refuses in S3's words", () => {
  const refuse = (request: Preflight): S3Error => {
    try {
      preflight(request);
    } catch (error) {
      if (error instanceof S3Error) return error;
    }
    return assert.fail("it was answered");
  };
  const noOrigin = refuse({ origin: "" });
  assert.equal(noOrigin.message, "Insufficient information. Origin request header needed.");
  const patch = refuse({ method: "PATCH" });
  assert.deepEqual(
    [patch.code, patch.message],
    ["BadRequest", "Invalid Access-Control-Request-Method: PATCH"],
  );
  const other = refuse({ method: "DELETE" });
  assert.deepEqual(other.detail, { Method: "DELETE", ResourceType: "OBJECT" });
  const none = refuse({ rules: [] });
  assert.equal(none.message, "CORSResponse: CORS is not enabled for this bucket.");
});
