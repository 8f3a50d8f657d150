import assert from "node:assert/strict";
import { AssertionError } from "../../../src/lib/assert.ts";
import { buildFetchUrl, buildUpstreamTarget, isFolded } from "../../../src/upstream/target.ts";
import { parseSample } from "../s3/sample_request.ts";

const ENDPOINT = new URL("https://backend.example:8443");

for (const target of ["/b/a/../k", "/b/..", "/b/a/.", "/b/./a", "/b/..?versionId=1", "/b/.?acl="]) {
  Deno.test(`buildFetchUrl() asserts that fetch would not fold ${target}, which isFolded() tells`, () => {
    assert.throws(() => buildFetchUrl(ENDPOINT, target), AssertionError);
    assert.equal(isFolded(target), true);
  });
}

for (
  const target of [
    "/b/...",
    "/b/a..",
    "/b/.a/..b",
    "/b//k/",
    "/b/%5C..%5C",
    "/b/%252e%252e/k",
    "/b?prefix=..%2F.",
  ]
) {
  Deno.test(`buildFetchUrl() has ${target} as it is`, () => {
    assert.equal(buildFetchUrl(ENDPOINT, target), `https://backend.example:8443${target}`);
    assert.equal(isFolded(target), false);
  });
}

for (
  const [sent, expected] of [
    ["/", "/"],
    ["/bucket", "/bucket"],
    ["/bucket/", "/bucket"],
    ["/bucket//k/", "/bucket//k/"],
    ["/bucket/a+b%20c", "/bucket/a%2Bb%20c"],
    ["/bucket/%5c..%5c", "/bucket/%5C..%5C"],
    ["/bucket/%252e%252e/k", "/bucket/%252e%252e/k"],
    ["/bucket/a;b=(1)!'*~", "/bucket/a%3Bb%3D%281%29%21%27%2A~"],
    ["/bucket/%23%3F%0A%09", "/bucket/%23%3F%0A%09"],
    ["/bucket?prefix=a+b&list-type=2", "/bucket?list-type=2&prefix=a%20b"],
    ["/bucket?acl", "/bucket?acl="],
    [
      "/bucket/k?x-id=GetObject&X-Amz-Signature=s&X-Amz-Date=d&versionId=1",
      "/bucket/k?versionId=1",
    ],
  ] as const
) {
  Deno.test(`buildUpstreamTarget() writes ${sent} as ${expected}`, () => {
    const target = buildUpstreamTarget(ENDPOINT, parseSample({ target: sent }));
    assert.equal(target.target, expected);
    assert.equal(target.host, "backend.example:8443");
  });
}

Deno.test("buildUpstreamTarget() goes path-style from a bucket's own host", () => {
  const request = parseSample({ target: "//k", headers: [["Host", "mine.s3.amazonaws.com"]] });
  const { target, path } = buildUpstreamTarget(ENDPOINT, request);
  assert.equal(target, "/mine//k");
  assert.equal(path, "/mine//k");
});
