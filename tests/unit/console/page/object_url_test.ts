import assert from "node:assert/strict";
import { formatAttachment } from "../../../../src/console/page/attachment.js";
import { buildObjectUrl } from "../../../../src/console/page/object_url.js";

const endpoint = "http://127.0.0.1:8080";

Deno.test("buildObjectUrl() refuses keys that a browser folds into another", () => {
  for (const key of ["..", "a/../b", "./a", "a/.", "../other-bucket/secret"]) {
    assert.throws(() => buildObjectUrl({ endpoint, bucket: "b", key }), /folds/, key);
  }
});

Deno.test("buildObjectUrl() writes what the URL parser leaves alone", () => {
  const cases: readonly (readonly [key: string, path: string])[] = [
    ["a b+c", "/b/a%20b%2Bc"],
    ["a//b", "/b/a//b"],
    ["a\\b", "/b/a%5Cb"],
    ["?x=y#z", "/b/%3Fx%3Dy%23z"],
    ["!'()*", "/b/%21%27%28%29%2A"],
    ["%2e%2e/x", "/b/%252e%252e/x"],
    ["ä\u{1F600}", "/b/%C3%A4%F0%9F%98%80"],
    ["folder/", "/b/folder/"],
    ["...", "/b/..."],
  ];
  for (const [key, path] of cases) {
    const url = buildObjectUrl({ endpoint, bucket: "b", key });
    assert.equal(url, `${endpoint}${path}`);
    assert.equal(new URL(url).href, url);
  }
  const query = { prefix: "a/ &=", uploads: "" };
  assert.equal(
    buildObjectUrl({ endpoint, bucket: "b", query }),
    `${endpoint}/b?prefix=a%2F%20%26%3D&uploads=`,
  );
  assert.equal(buildObjectUrl({ endpoint }), `${endpoint}/`);
});

Deno.test("formatAttachment() lets no name end its quotes or begin a header", () => {
  assert.equal(
    formatAttachment('a/b"\r\nx: y;ä.txt'),
    `attachment; filename="b___x_ y__.txt"; filename*=UTF-8''b%22%0D%0Ax%3A%20y%3B%C3%A4.txt`,
  );
  assert.equal(
    formatAttachment("folder/"),
    `attachment; filename="download"; filename*=UTF-8''download`,
  );
});
