import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";
import type { SignedRequest } from "../support/proxy_under_test.ts";

const DELETE =
  "<Delete><Object><Key>a/../b</Key></Object><Object><Key>../b</Key></Object></Delete>";
const DELETED = "<DeleteResult><Deleted><Key>a/../b</Key></Deleted></DeleteResult>";
const COPIED = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";

/** What is sent → the line that the backend gets. */
const REQUESTS: readonly (readonly [sent: SignedRequest, line: string])[] = [
  [{ target: "/mine/a/../b" }, "GET /mine/a/../b HTTP/1.1"],
  [{ target: "/mine/a/%2e%2E/b" }, "GET /mine/a/../b HTTP/1.1"],
  [{ target: "/mine/./a/.//..//." }, "GET /mine/./a/.//..//. HTTP/1.1"],
  [{ method: "HEAD", target: "/mine/a/.." }, "HEAD /mine/a/.. HTTP/1.1"],
  [{ method: "DELETE", target: "/mine/." }, "DELETE /mine/. HTTP/1.1"],
  [{ method: "PUT", target: "/mine/a/./b", body: "body" }, "PUT /mine/a/./b HTTP/1.1"],
];

testListeners("a key with dot segments is the same on the wire", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  for (const [sent, line] of REQUESTS) {
    assert.equal((await proxy.send(sent)).status, 200, line);
    assert.equal(proxy.backend.requests.at(-1)?.startLine, line);
  }
  assert.equal(new TextDecoder().decode(proxy.backend.requests.at(-1)?.body), "body");
});

testListeners(
  "a source and keys to delete with dot segments are the same, too",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) => ({
        send: [formatResponse({ body: method === "PUT" ? COPIED : DELETED })],
      }),
    });
    const copy = {
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-copy-source", "mine/a/./b"]],
    } as const;
    assert.equal((await proxy.send(copy)).status, 200);
    const md5 = createHash("md5").update(DELETE).digest("base64");
    const { text } = await proxy.send({
      method: "POST",
      target: "/mine?delete",
      headers: [["content-md5", md5]],
      body: DELETE,
    });
    assert.match(text, /<Deleted><Key>a\/\.\.\/b<\/Key><\/Deleted>/);
    assert.match(text, /<Error><Key>\.\.\/b<\/Key><Code>InvalidURI<\/Code>/);
    const [copied, deleted] = proxy.backend.requests;
    assert.equal(copied?.header("x-amz-copy-source"), "/mine/a/./b");
    assert.equal(new TextDecoder().decode(deleted?.body).includes("<Key>../b"), false);
  },
);

testListeners(
  "where the backend folds keys, those with dot segments are refused",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { backend: { keys: "folded" } },
    });
    for (const [sent] of REQUESTS) {
      const response = await proxy.send(sent);
      assert.equal(response.status, 400);
      if (sent.method !== "HEAD") assert.equal(response.errorCode, "InvalidURI");
    }
    const headers = [["x-amz-copy-source", "mine/a/./b"]] as const;
    proxy.assertRefused(
      await proxy.send({ method: "PUT", target: "/mine/k", headers }),
      "InvalidURI",
    );
    assert.equal(proxy.backend.requests.length, 0);
  },
);

testListeners("100 metadata headers are written, and 700 are read", async (listener) => {
  const metadata = (count: number): [string, string][] =>
    Array.from({ length: count }, (_, index) => [`x-amz-meta-${index}`, "v"]);
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: ({ method }) => ({
      send: [formatResponse({ headers: method === "PUT" ? [] : metadata(700) })],
    }),
  });
  const put = { method: "PUT", target: "/mine/k", headers: metadata(100), body: "x" };
  assert.equal((await proxy.send(put)).status, 200);
  const isMetadata = ([name]: readonly [string, string]): boolean => name.startsWith("x-amz-meta-");
  assert.equal(proxy.backend.requests[0]?.headers.filter(isMetadata).length, 100);
  for (const method of ["GET", "HEAD"]) {
    const response = await proxy.send({ method, target: "/mine/k" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.filter(isMetadata).length, 700, method);
  }
});
