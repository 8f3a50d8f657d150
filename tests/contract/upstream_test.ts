import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import {
  ADMIN,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse } from "../support/recording_backend.ts";

testListeners(
  "the backend sees the allow-list, identity, the length, and the master's signature",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await proxy.send({
      method: "PUT",
      target: "/mine/k",
      headers: [["content-type", "text/x"], ["x-amz-meta-a", "1"], ["x-custom", "no"], [
        "te",
        "trailers",
      ]],
      body: "hello",
    });
    assert.equal(response.status, 200);
    const [seen] = proxy.backend.requests;
    const names = seen?.headers.map(([name]) => name.toLowerCase()).sort();
    const ofFetch = ["accept", "accept-language"];
    if (listener === "serve") {
      assert.deepEqual(ofFetch.filter((name) => names?.includes(name)), ofFetch);
    }
    assert.deepEqual(names?.filter((name) => !ofFetch.includes(name)), [
      "accept-encoding",
      "authorization",
      "content-length",
      "content-type",
      "host",
      "user-agent",
      "x-amz-content-sha256",
      "x-amz-date",
      "x-amz-meta-a",
    ]);
    assert.equal(seen?.header("accept-encoding"), "identity");
    assert.equal(seen?.header("content-length"), "5");
    assert.equal(seen?.header("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    assert.match(seen?.header("authorization") ?? "", /^AWS4-HMAC-SHA256 Credential=MASTER\//);
    assert.equal(new TextDecoder().decode(seen?.body), "hello");
  },
);

testListeners("an empty PUT has a length of 0 and no framing", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const headers = [["content-length", "0"]] as const;
  assert.equal((await proxy.send({ method: "PUT", target: "/mine/k", headers })).status, 200);
  const [seen] = proxy.backend.requests;
  assert.deepEqual([seen?.header("content-length"), seen?.header("transfer-encoding")], [
    "0",
    undefined,
  ]);
});

testListeners("a PUT without a length is refused: MissingContentLength", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const chunks = [new TextEncoder().encode("hello")];
  const response = await proxy.send({ method: "PUT", target: "/mine/k", body: { chunks } });
  proxy.assertRefused(response, "MissingContentLength");
});

testListeners(
  "a PUT that says nothing of a body is refused as S3 does: MissingContentLength",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    proxy.assertRefused(
      await proxy.send({ method: "PUT", target: "/mine/k" }),
      "MissingContentLength",
    );
  },
);

testListeners("a GET with a body is refused: InvalidRequest", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  proxy.assertRefused(await proxy.send({ target: "/mine/k", body: "x" }), "InvalidRequest");
});

testListeners("a backend that does not answer in time: GatewayTimeout", async (listener) => {
  const gate = new Gate();
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [gate] }),
    settings: { backend: { response_header_timeout: "200ms" } },
  });
  const response = await proxy.send({ target: "/mine/k" });
  assert.deepEqual([response.status, response.errorCode], [504, "GatewayTimeout"]);
  gate.open();
});

testListeners("a backend that closes before its head: BadGateway", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [], close: true }),
  });
  const response = await proxy.send({ method: "PUT", target: "/mine/k", body: "hello" });
  assert.deepEqual([response.status, response.errorCode], [502, "BadGateway"]);
});

testListeners(
  "a backend that is not there: ServiceUnavailable, with Retry-After",
  async (listener) => {
    const unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = unused.addr;
    unused.close();
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: {
        master_credentials: {
          access_key: "MASTER",
          secret_key: "master-secret-of-the-tests",
          endpoint: `http://127.0.0.1:${port}`,
        },
      },
    });
    const response = await proxy.send({ target: "/mine/k" });
    assert.deepEqual([response.status, response.errorCode], [503, "ServiceUnavailable"]);
    assert.equal(response.header("retry-after"), "2");
  },
);

testListeners("a backend that dies inside a body never looks complete", async (listener) => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [`${head}half`], close: true }),
  });
  const response = await proxy.send({ target: "/mine/k" });
  assert.equal(response.bodyEnd, "broken");
});

testListeners("stop() lets a response end, and refuses new connections", async (listener) => {
  const gate = new Gate();
  const response = formatResponse({ body: "done" });
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [gate, response] }),
  });
  const pending = proxy.send({ target: "/mine/k", key: ADMIN });
  await proxy.backend.nextRequest();
  const stopped = proxy.stop();
  gate.open();
  assert.equal((await pending).text, "done");
  assert.equal(await stopped, true);
  await assert.rejects(proxy.send({ target: "/mine/k" }));
});

const COMPLETE =
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>";
const DOCUMENT = "<Delete><Object><Key>k</Key></Object></Delete>";
const DOCUMENT_DIGEST = createHash("md5").update(DOCUMENT).digest("base64");

/** Of a connection that was used before and closes once the request was read: how often each of these is sent. */
const STALE: readonly (SignedRequest & { readonly body?: string; readonly sent: number })[] = [
  { method: "GET", target: "/mine/k", sent: 2 },
  { method: "HEAD", target: "/mine/k", sent: 2 },
  { method: "DELETE", target: "/mine/k", sent: 1 },
  { method: "PUT", target: "/mine/k", headers: [["x-amz-copy-source", "/mine/source"]], sent: 1 },
  { method: "PUT", target: "/mine/k", headers: [["content-length", "0"]], sent: 1 },
  {
    method: "PUT",
    target: "/mine/k",
    headers: [["content-length", "0"], ["if-none-match", "*"]],
    sent: 1,
  },
  { method: "PUT", target: "/mine/k", body: "short", sent: 1 },
  { method: "PUT", target: "/mine/k", body: "x".repeat(LIMITS.heldBodyBytesMax), sent: 1 },
  { method: "PUT", target: "/mine/k", body: "x".repeat(LIMITS.heldBodyBytesMax + 1), sent: 1 },
  { method: "PUT", target: "/mine/k?tagging", body: "<Tagging><TagSet/></Tagging>", sent: 1 },
  { method: "POST", target: "/mine/k?uploads", sent: 1 },
  { method: "POST", target: "/mine/k?uploadId=u", body: COMPLETE, sent: 1 },
  {
    method: "POST",
    target: "/mine?delete",
    headers: [["content-md5", DOCUMENT_DIGEST]],
    body: DOCUMENT,
    sent: 1,
  },
];
for (const { sent, ...stale } of STALE) {
  const { method, target, headers = [], body = "" } = stale;
  const name = `${method} ${target} ${headers.map(([header]) => header)} ${body.length} bytes`;
  testListeners(`on a stale connection, sent ${sent} times: ${name}`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: (seen) => {
        if (seen.target === "/mine/first") return {};
        // Before a write that may only create, the proxy looks whether there is something, and whether there are versions.
        if (seen.target.includes("?versioning")) {
          return { send: [formatResponse({ body: "<VersioningConfiguration/>" })] };
        }
        const isLook = seen.method === "HEAD" && method !== "HEAD";
        return isLook ? { send: [formatResponse({ status: 404 })] } : { send: [], close: true };
      },
    });
    // What goes by `fetch` and what does not have connections of their own.
    for (const method of ["GET", "HEAD"]) {
      assert.equal((await proxy.send({ method, target: "/mine/first" })).status, 200);
    }
    const { status } = await proxy.send(stale);
    assert.equal(status, 502);
    const again = proxy.backend.requests.slice(2).filter((seen) => seen.method === method);
    assert.equal(again.length, sent);
  });
}

testListeners("a quarter of max_connections stays open when nobody uses them", async (listener) => {
  const inUse = 16 * LIMITS.idleConnectionsDivisor; // one user's half
  const idle = 2 * inUse / LIMITS.idleConnectionsDivisor;
  // On `serve`, a quarter of these is for what goes by sockets of our own.
  const kept = listener === "serve" ? 0.75 * idle : idle;
  let gate = new Gate();
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [gate, formatResponse()] }),
    settings: { backend: { max_connections: 2 * inUse } },
  });
  for (let round = 0; round < 2; round++) {
    gate = new Gate();
    const answers = Array.from({ length: inUse }, () => proxy.send({ target: "/mine/k" }));
    for (let count = 0; count < inUse; count++) await proxy.backend.nextRequest();
    gate.open();
    for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
  }
  assert.equal(proxy.backend.connections, 2 * inUse - kept);
});

testListeners("a request is sent again on a connection that went stale", async (listener) => {
  let count = 0;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => (++count === 2 ? { send: [], close: true } : {}),
  });
  for (let request = 0; request < 2; request++) {
    assert.equal((await proxy.send({ target: "/mine/k" })).status, 200);
  }
  assert.deepEqual([proxy.backend.requests.length, proxy.backend.connections], [3, 2]);
});

const COMPLETED =
  "<CompleteMultipartUploadResult><Bucket>mine</Bucket><Key>k</Key><ETag></ETag></CompleteMultipartUploadResult>";

function complete(proxy: ProxyUnderTest): ReturnType<ProxyUnderTest["send"]> {
  return proxy.send({ method: "POST", target: "/mine/k?uploadId=u", body: COMPLETE });
}

testListeners(
  "CompleteMultipartUpload needs one connection for its two requests",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) =>
        method === "HEAD"
          ? { send: ['HTTP/1.1 200 OK\r\nETag: "whole-1"\r\nContent-Length: 9\r\n\r\n'] }
          : { send: [formatResponse({ body: COMPLETED })] },
      settings: { backend: { max_connections: 1 } },
    });
    const response = await complete(proxy);
    assert.equal(response.status, 200, response.text);
    assert.match(response.text, /<ETag>(&quot;|")whole-1(&quot;|")<\/ETag>/);
  },
);

testListeners(
  "CompleteMultipartUpload succeeds though its ETag cannot be had",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) =>
        method === "HEAD"
          ? { send: [], close: true }
          : { send: [formatResponse({ body: COMPLETED })] },
    });
    const response = await complete(proxy);
    assert.equal(response.status, 200, response.text);
    assert.match(response.text, /<Key>k<\/Key>/);
  },
);
