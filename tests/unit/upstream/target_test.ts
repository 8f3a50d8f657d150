import assert from "node:assert/strict";
import { AssertionError } from "../../../src/lib/assert.ts";
import type { ObjectKey } from "../../../src/s3/names.ts";
import { buildUpstreamTarget } from "../../../src/upstream/target.ts";
import { parseSample } from "../s3/sample_request.ts";

const ENDPOINT = new URL("https://backend.example:8443");

for (const key of ["a/../b", "..", "a/.", "./a"]) {
  Deno.test(`buildUpstreamTarget() asserts that fetch would not fold ${key}`, () => {
    const { resource } = parseSample({ target: "/bucket/key" });
    assert.equal(resource.level, "object");
    // A key that its parser refuses: the second of the two checks is what is tested.
    const folded = { ...resource, key: key as ObjectKey };
    assert.throws(
      () => buildUpstreamTarget(ENDPOINT, { resource: folded, parameters: new Map() }),
      AssertionError,
    );
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
    assert.equal(target.url, `https://backend.example:8443${expected}`);
    assert.equal(target.host, "backend.example:8443");
  });
}

Deno.test("buildUpstreamTarget() goes path-style from a bucket's own host", () => {
  const request = parseSample({ target: "//k", headers: [["Host", "mine.s3.amazonaws.com"]] });
  const { url, path } = buildUpstreamTarget(ENDPOINT, request);
  assert.equal(url, "https://backend.example:8443/mine//k");
  assert.equal(path, "/mine//k");
});
