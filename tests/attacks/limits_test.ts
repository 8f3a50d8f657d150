/** X7, X8: what was set for one user (`limits`) is held, told, and no other user's matter. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import { ADMIN, type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, writeRequest } from "../support/raw_client.ts";
import { buildForm } from "../support/form_builder.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

const BOB: Key = { accessKey: "bob-key", secretKey: "bob-secret-of-the-tests" };
const KIB = 1024;

/** Settings with `limits` for {@linkcode BOB}. */
function limit(limits: object): { users: object[]; metrics: object } {
  return {
    users: [{
      name: "bob",
      access_key: BOB.accessKey,
      secret_key: BOB.secretKey,
      allowed_buckets: ["mine"],
      limits,
    }],
    metrics: { enabled: true, address: "127.0.0.1:0" },
  };
}

/** How often {@linkcode BOB} met `name`. */
async function countLimited(proxy: ProxyUnderTest, name: string): Promise<number> {
  const { text } = await proxy.readAdmin("/metrics");
  const found = new RegExp(`^s3_proxy_limited_total\\{user="bob",limit="${name}"\\} (\\d+)$`, "m");
  return Number(found.exec(text)?.[1] ?? 0);
}

testListeners(
  "X8 max_concurrent_requests: one more is SlowDown, and another user's is not",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: async ({ target }) => {
        if (target === "/mine/held") await gate.opened;
        return { send: [formatResponse({ body: "small" })] };
      },
      settings: limit({ max_concurrent_requests: 1 }),
    });
    const held = proxy.send({ target: "/mine/held", key: BOB });
    await proxy.backend.nextRequest();
    const refused = await proxy.send({ target: "/mine/k", key: BOB });
    assert.deepEqual([refused.status, refused.errorCode], [503, "SlowDown"]);
    assert.equal(refused.header("retry-after"), "2");
    assert.equal(proxy.backend.requests.length, 1);
    assert.equal((await proxy.send({ target: "/mine/k", key: ADMIN })).status, 200);
    gate.open();
    assert.equal((await held).status, 200);
    assert.equal((await proxy.send({ target: "/mine/k", key: BOB })).status, 200);
    assert.equal(await countLimited(proxy, "max_concurrent_requests"), 1);
    assert.match(await proxy.readLog(), /"user":"bob".*"reason":"max_concurrent_requests"/);
  },
);

testListeners(
  "X8 requests_per_second: a burst passes, one more is told when to come again",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [formatResponse({ body: "small" })] }),
      // So slow that no machine is: a token comes back in 100 days.
      settings: limit({ requests_per_second: 1, requests_burst: 3 }),
    });
    const statuses: number[] = [];
    let retryAfter: string | undefined;
    for (let count = 0; count < 8; count++) {
      const response = await proxy.send({ target: "/mine/k", key: BOB });
      statuses.push(response.status);
      if (response.status === 503) retryAfter = response.header("retry-after");
    }
    assert.deepEqual(statuses.slice(0, 3), [200, 200, 200]);
    assert.ok(statuses.includes(503), statuses.join());
    assert.equal(retryAfter, "1");
    const refused = statuses.filter((status) => status === 503).length;
    assert.equal(proxy.backend.requests.length, statuses.length - refused);
    assert.equal((await proxy.send({ target: "/mine/k", key: ADMIN })).status, 200);
    assert.equal(await countLimited(proxy, "requests_per_second"), refused);
  },
);

testListeners("X7 bytes_per_second: bodies pass no faster, whole, both ways", async (listener) => {
  const bytes = new Uint8Array(48 * KIB).map((_, at) => at % 251);
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: ({ method }) => ({ send: [formatResponse({ body: method === "GET" ? bytes : "" })] }),
    settings: limit({ bytes_per_second: { in: "32KiB", out: "32KiB" } }),
  });
  for (const method of ["GET", "PUT"] as const) {
    const startedMs = performance.now();
    const body = method === "PUT" ? { body: bytes } : {};
    const response = await proxy.send({ method, target: "/mine/k", key: BOB, ...body });
    const tookMs = performance.now() - startedMs;
    assert.equal(response.status, 200);
    // 32 KiB at once, and 16 at 32 a second but for the last piece.
    assert.ok(tookMs >= 200, `${method} took ${tookMs} ms`);
    if (method === "GET") assert.deepEqual(response.body, bytes);
  }
  const put = proxy.backend.requests.find(({ method }) => method === "PUT");
  assert.deepEqual([put?.framing, put?.bodyBytes], ["content-length", bytes.length]);
  assert.equal(await countLimited(proxy, "bytes_per_second_in"), 1);
  assert.equal(await countLimited(proxy, "bytes_per_second_out"), 1);
});

testListeners("X7 bytes_per_second: the file of a form is no way around it", async (listener) => {
  // One that is read whole first, and one that streams.
  for (const [bytes, rate] of [[48 * KIB, "32KiB"], [1280 * KIB, "1MiB"]] as const) {
    const file = new Uint8Array(bytes).map((_, at) => at % 251);
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [formatResponse({ headers: [["ETag", '"e"']] })] }),
      settings: limit({ bytes_per_second: { in: rate } }),
    });
    const fields = { key: "k" };
    const form = buildForm({ bucket: "mine", key: BOB, date: new Date(), fields, file });
    const { status } = await proxy.sendRaw({
      method: "POST",
      target: "/mine",
      headers: [["host", proxy.host], ...form.headers],
      body: form.body,
    });
    assert.equal(status, 204);
    assert.deepEqual(proxy.backend.requests.map(({ body }) => body), [file]);
    assert.equal(await countLimited(proxy, "bytes_per_second_in"), 1);
  }
});

testListeners(
  "X5 a long setting streams, and holds its user's slot until its end",
  async (listener) => {
    const rules = Array.from({ length: 10_000 }, (_, at) => `<Rule><ID>\u00e9${at}</ID></Rule>`);
    const document = `<LifecycleConfiguration>${rules.join("")}</LifecycleConfiguration>`;
    const answer = new TextEncoder().encode(document);
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n`;
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ target }) => ({
        send: target === "/mine/k"
          ? [formatResponse({ body: "small" })]
          : [head, answer.subarray(0, 100_000), gate, answer.subarray(100_000)],
      }),
      settings: limit({ max_concurrent_requests: 1 }),
    });
    const request = { method: "GET", target: "/mine?lifecycle" };
    const { headers } = signHeaders({
      ...request,
      headers: [["host", proxy.host]],
      ...BOB,
      date: new Date(),
      payloadHash: "UNSIGNED-PAYLOAD",
    });
    using connection = await connectRaw(proxy.destination);
    await writeRequest(connection, { ...proxy.destination, ...request, headers });
    const begun = await connection.readHead() ?? assert.fail("it was not answered");
    assert.equal(begun.status, 200);
    assert.equal((await proxy.send({ target: "/mine/k", key: BOB })).errorCode, "SlowDown");
    gate.open();
    const { body, bodyEnd } = await connection.readBody(begun);
    assert.deepEqual([body, bodyEnd], [answer, "complete"]);
    assert.equal((await proxy.send({ target: "/mine/k", key: BOB })).status, 200);
  },
);

testListeners("X7 bytes_per_second: documents are no way around it", async (listener) => {
  const entries = "<Contents><Key>0123456789</Key></Contents>".repeat(1000);
  const listing = `<ListBucketResult>${entries}</ListBucketResult>`;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body: listing })] }),
    settings: limit({ bytes_per_second: { out: "32KiB" } }),
  });
  for (const target of ["/mine", "/mine?list-type=2"]) {
    const { status, text, bodyEnd } = await proxy.send({ target, key: BOB });
    assert.deepEqual([status, bodyEnd], [200, "complete"]);
    assert.ok(text.endsWith(listing), target);
  }
  assert.equal(await countLimited(proxy, "bytes_per_second_out"), 2);
  // A refusal is no body to be paced, and HEAD has none.
  const denied = await proxy.send({ target: "/other", key: BOB });
  assert.equal(denied.errorCode, "AccessDenied");
});
