import assert from "node:assert/strict";
import { parseResource, type Resource } from "../../../src/s3/addressing.ts";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { parseRequestTarget } from "../../../src/s3/target.ts";
import { assertRefused, parseSample } from "./sample_request.ts";

const DOMAIN = "s3.example.com";

function parse(authority: string, target: string): Resource {
  return parseResource(parseRequestTarget(target), {
    authority,
    addressing: {
      virtualHostDomains: [DOMAIN],
      bucketNames: { relaxed: false, reserved: new Set() },
    },
  });
}

for (
  const [problem, authority, target, code] of [
    ["no host", "", "/bucket", "InvalidRequest"],
    ["a path in the host", "a/b", "/bucket", "InvalidRequest"],
    ["a query in the host", "a?b", "/bucket", "InvalidRequest"],
    ["userinfo in the host", `victim@${DOMAIN}`, "/bucket", "InvalidRequest"],
    ["two hosts", `a.${DOMAIN}, b.${DOMAIN}`, "/", "InvalidRequest"],
    ["a percent sign in the host", `vic%74im.${DOMAIN}`, "/", "InvalidRequest"],
    ["a port of words", `${DOMAIN}:http`, "/", "InvalidRequest"],
    ["an empty port", `${DOMAIN}:`, "/", "InvalidRequest"],
    ["a dot before the domain", `.${DOMAIN}`, "/", "InvalidRequest"],
    ["a line end in the host", `${DOMAIN}\n`, "/", "InvalidRequest"],
    ["Z3 an empty first segment", DOMAIN, "//victim/k", "InvalidURI"],
    ["Z3 %2F in the bucket", DOMAIN, "/mine%2F..%2Fvictim/k", "InvalidBucketName"],
    ["Z3 %2F before the bucket", DOMAIN, "/%2Fvictim/k", "InvalidBucketName"],
    ["Z3 a dot as bucket", DOMAIN, "/./victim/k", "InvalidBucketName"],
    ["Z3 dots as bucket", DOMAIN, "/../victim/k", "InvalidBucketName"],
    ["Z3 dot segments", DOMAIN, "/mine/../victim/k", "InvalidURI"],
    ["Z3 encoded dot segments", DOMAIN, "/mine/%2e%2E/victim/k", "InvalidURI"],
    ["Z3 dot segments behind %2F", DOMAIN, "/mine/a%2f..%2f..%2fvictim/k", "InvalidURI"],
    ["Z3 a single dot segment", DOMAIN, "/mine/a/./k", "InvalidURI"],
    ["Z3 a dot segment at the end", DOMAIN, "/mine/a/..", "InvalidURI"],
    ["Z3 dot segments under a bucket's host", `mine.${DOMAIN}`, "/../victim", "InvalidURI"],
    ["Z3 a colon in the bucket", DOMAIN, "/tenant:victim/k", "InvalidBucketName"],
    ["Z20 the admin API", DOMAIN, "/admin/user", "InvalidBucketName"],
    ["Z20 Swift", DOMAIN, "/swift/v1", "InvalidBucketName"],
    ["Z20 the admin API as a host", `admin.${DOMAIN}`, "/user", "InvalidBucketName"],
    ["an empty label", `bucket..${DOMAIN}`, "/", "InvalidBucketName"],
    ["a bucket of two letters", `ab.${DOMAIN}`, "/", "InvalidBucketName"],
  ] as const satisfies readonly (readonly [string, string, string, S3ErrorCode])[]
) {
  Deno.test(`parseResource() rejects ${problem}`, () => {
    assertRefused(() => parse(authority, target), code);
  });
}

for (
  const [authority, target, expected] of [
    [DOMAIN, "/", { level: "service" }],
    [DOMAIN, "/bucket", { level: "bucket", bucket: "bucket" }],
    [DOMAIN, "/bucket/", { level: "bucket", bucket: "bucket" }],
    [DOMAIN, "/bucket//", { level: "object", bucket: "bucket", key: "/" }],
    [DOMAIN, "/bucket/%2Fk", { level: "object", bucket: "bucket", key: "/k" }],
    [DOMAIN, "/bucket/a+b", { level: "object", bucket: "bucket", key: "a+b" }],
    ["S3.Example.COM:8080", "/bucket", { level: "bucket", bucket: "bucket" }],
    [`${DOMAIN}.`, "/bucket", { level: "bucket", bucket: "bucket" }],
    ["127.0.0.1:8080", "/bucket/k", { level: "object", bucket: "bucket", key: "k" }],
    ["[::1]:8080", "/bucket/k", { level: "object", bucket: "bucket", key: "k" }],
    ["unknown.example", "/bucket/k", { level: "object", bucket: "bucket", key: "k" }],
    [`evil-${DOMAIN}`, "/bucket/k", { level: "object", bucket: "bucket", key: "k" }],
    [`victim.${DOMAIN}.evil`, "/bucket/k", { level: "object", bucket: "bucket", key: "k" }],
    [`bucket.${DOMAIN}`, "/", { level: "bucket", bucket: "bucket" }],
    [`BUCKET.${DOMAIN}`, "/", { level: "bucket", bucket: "bucket" }],
    [`bucket.${DOMAIN}.:443`, "/k", { level: "object", bucket: "bucket", key: "k" }],
    [`my.own.bucket.${DOMAIN}`, "/k", { level: "object", bucket: "my.own.bucket", key: "k" }],
    [`bucket.${DOMAIN}`, "//k", { level: "object", bucket: "bucket", key: "/k" }],
    [`mine.${DOMAIN}`, "/victim/k", { level: "object", bucket: "mine", key: "victim/k" }],
  ] as const
) {
  Deno.test(`parseResource() Z7 reads ${target} on ${authority}`, () => {
    assert.deepEqual(parse(authority, target), expected);
  });
}

Deno.test("parseS3Request() Z7 does not look at X-Forwarded-Host", () => {
  const { resource } = parseSample({
    target: "/mine/k",
    headers: [["Host", "s3.amazonaws.com"], ["X-Forwarded-Host", "victim.s3.amazonaws.com"]],
  });
  assert.deepEqual(resource, { level: "object", bucket: "mine", key: "k" });
});

Deno.test("parseResource() reads an authority and a bucket by the rules of now, whatever was read before", () => {
  const target = parseRequestTarget("/bucket/key");
  const read = (virtualHostDomains: readonly string[], reserved: readonly string[]): Resource =>
    parseResource(target, {
      authority: `hosted.${DOMAIN}`,
      addressing: {
        virtualHostDomains,
        bucketNames: { relaxed: true, reserved: new Set(reserved) },
      },
    });
  const inPath = read([], []);
  assert.equal(inPath.level === "object" && inPath.bucket, "bucket");
  const inHost = read([DOMAIN], []);
  assert.equal(inHost.level === "object" && inHost.bucket, "hosted");
  assert.deepEqual(read([], []), inPath);
  assertRefused(() => read([], ["bucket"]), "InvalidBucketName");
});
