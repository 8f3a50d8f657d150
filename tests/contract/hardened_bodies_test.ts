/**
 * Bodies on the hardened listener: what is read of them, when, and how they end.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { formatSigned, startHardened, TARGET } from "../support/hardened_listener.ts";
import { ALICE, type ProxyUnderTest } from "../support/proxy_under_test.ts";
import {
  connectRaw,
  formatRequestHead,
  type RawConnection,
  type RawResponse,
} from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";

const MIB = 1 << 20;
const PILED_UP = 20;
/** Several times what all buffers on the way take. */
const UPLOAD_MIB = 96;
const NOT_FOUND = formatResponse({ status: 404 });

/** Uploads `body` with a trailer and without signatures, each byte in a chunk of its own. */
async function sendInBytes(proxy: ProxyUnderTest, body: string): Promise<RawResponse> {
  const { headers } = signHeaders({
    method: "PUT",
    target: TARGET,
    headers: [
      ["host", proxy.host],
      ["transfer-encoding", "chunked"],
      ["x-amz-decoded-content-length", String(body.length)],
    ],
    ...ALICE,
    date: new Date(),
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  });
  const payload = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const chunks = Array.from(payload, (byte) => `1\r\n${byte}\r\n`);
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatRequestHead({ method: "PUT", target: TARGET, headers, port: 0 }));
  await connection.write(`${chunks.join("")}0\r\n\r\n`);
  return await connection.readResponse({ method: "PUT" });
}

const EXPECTING: readonly Header[] = [["expect", "100-continue"], ["content-length", "5"]];

Deno.test("Expect: 100-continue is answered with the refusal alone", async () => {
  await using proxy = await startHardened({});
  for (const key of [{ ...ALICE, secretKey: "a-guess-at-the-secret" }, undefined]) {
    using connection = await connectRaw(proxy.destination);
    const headers = [["host", proxy.host], ...EXPECTING] as const;
    await connection.write(
      key === undefined
        ? formatRequestHead({ method: "PUT", target: TARGET, headers, port: proxy.port })
        : formatSigned(proxy, { method: "PUT", headers: EXPECTING, key }),
    );
    const response = await connection.readResponse({ method: "PUT" });
    assert.deepEqual([response.status, response.interim], [403, []]);
    assert.equal(response.header("connection"), "close");
  }
  assert.equal(proxy.backend.requests.length, 0);
});

Deno.test("Expect: 100-continue is answered with 100 once the body is wanted", async () => {
  await using proxy = await startHardened({});
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatSigned(proxy, { method: "PUT", headers: EXPECTING }));
  const seen = await proxy.backend.nextRequest();
  await connection.write("hello");
  const response = await connection.readResponse({ method: "PUT" });
  assert.deepEqual([response.status, response.interim], [200, [100]]);
  assert.equal(new TextDecoder().decode(seen.body), "hello");
});

Deno.test("an upload that stands still: RequestTimeout, and the backend is released", async () => {
  await using proxy = await startHardened({ read_timeout: "100ms" });
  using connection = await connectRaw(proxy.destination);
  const headers = [["content-length", "10"]] as const;
  await connection.write(`${formatSigned(proxy, { method: "PUT", headers })}some`);
  const response = await connection.readResponse({ method: "PUT" });
  assert.deepEqual([response.status, response.errorCode], [400, "RequestTimeout"]);
  const [seen] = proxy.backend.requests;
  assert.equal(await seen?.bodyEnd, "broken");
  assert.match(await proxy.readLog(), /"code":"RequestTimeout"[^\n]*client_stalled/);
});

Deno.test("a document that stands still: RequestTimeout", async () => {
  await using proxy = await startHardened({ read_timeout: "100ms" });
  using connection = await connectRaw(proxy.destination);
  const target = "/mine?delete";
  const signed = signHeaders({
    method: "POST",
    target,
    headers: [["host", proxy.host], ["content-length", "100"]],
    ...ALICE,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const head = formatRequestHead({ method: "POST", target, headers: signed.headers, port: 0 });
  await connection.write(`${head}<Delete>`);
  const response = await connection.readResponse({ method: "POST" });
  assert.equal(response.errorCode, "RequestTimeout");
  assert.equal(proxy.backend.requests.length, 0);
});

Deno.test("a backend that stops reading an upload: GatewayTimeout", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({ read_timeout: "300ms" }, {
    respond: () => ({ read: { pauseAfterBytes: 1, gate } }),
  });
  const body = new Uint8Array(64_000_000);
  const response = await proxy.send({ method: "PUT", target: TARGET, body });
  assert.deepEqual([response.status, response.errorCode], [504, "GatewayTimeout"]);
  assert.match(await proxy.readLog(), /backend_stalled/);
  gate.open();
});

for (const tls of [false, true]) {
  Deno.test(`an upload arrives whole behind a backend that pauses, ${tls ? "TLS" : "TCP"}`, async () => {
    const gate = new Gate();
    await using proxy = await startHardened({}, {
      tls,
      respond: () => ({ read: { pauseAfterBytes: 1, gate } }),
    });
    // More than all buffers on the way: pieces are in use when the next ones come, and are freed.
    const body = Uint8Array.from({ length: 12_000_000 }, (_, at) => (at ^ (at >> 8)) % 251);
    const answer = proxy.send({ method: "PUT", target: TARGET, body });
    const seen = await proxy.backend.nextRequest();
    // Until these are answered, everything on the way has filled up.
    for (let count = 0; count < 20; count++) await proxy.send({ target: "/mine/other" });
    gate.open();
    assert.equal((await answer).status, 200);
    assert.equal(Buffer.compare(seen.body, body), 0);
  });
}

for (const tls of [false, true]) {
  Deno.test(`what the backend does not take stays with the client, ${tls ? "TLS" : "TCP"}`, async () => {
    const gate = new Gate();
    await using proxy = await startHardened({}, {
      tls,
      respond: () => ({ read: { pauseAfterBytes: 1, gate } }),
    });
    using connection = await connectRaw(proxy.destination);
    const headers = [["content-length", String(UPLOAD_MIB * MIB)]] as const;
    await connection.write(formatSigned(proxy, { method: "PUT", headers }));
    const piece = new Uint8Array(MIB);
    let taken = 0;
    let enough = false;
    const sent = (async () => {
      while (!enough && taken < UPLOAD_MIB && await connection.write(piece)) taken++;
    })();
    for (let before = -1; before < taken;) {
      before = taken;
      for (let count = 0; count < 30; count++) await proxy.send({ target: "/others/k" });
    }
    assert.ok(taken > 0, "or the test tests nothing");
    assert.ok(taken < UPLOAD_MIB / 3, `${taken} MiB`);
    enough = true;
    gate.open();
    await sent;
  });
}

Deno.test("uploads over TLS at the same time arrive whole, each as its own", async () => {
  await using proxy = await startHardened({}, { tls: true });
  const bodies = new Map(
    Array.from({ length: 12 }, (_, at) => [`/mine/${at}`, new Uint8Array(3_000_000).fill(at + 1)]),
  );
  const answers = await Promise.all(
    Array.from(bodies, ([target, body]) => proxy.send({ method: "PUT", target, body })),
  );
  for (const { status } of answers) assert.equal(status, 200);
  const { requests } = proxy.backend;
  assert.equal(requests.length, bodies.size);
  for (const { target, body } of requests) {
    assert.equal(Buffer.compare(body, bodies.get(target) ?? new Uint8Array(0)), 0, target);
  }
});

Deno.test("requests piled up over TLS are answered each, in their order", async () => {
  await using proxy = await startHardened({}, {
    tls: true,
    respond: () => ({ send: [formatResponse({ body: "x".repeat(1000) })] }),
  });
  using connection = await connectRaw(proxy.destination);
  for (let round = 0; round < 15; round++) {
    await connection.write(formatSigned(proxy).repeat(PILED_UP));
    for (let count = 0; count < PILED_UP; count++) {
      assert.equal((await connection.readResponse()).body.length, 1000);
    }
  }
});

Deno.test("a client that piles up more than pipelinedRequestsMax requests has its connection closed", async () => {
  await using proxy = await startHardened({});
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatSigned(proxy).repeat(LIMITS.pipelinedRequestsMax + 50));
  let answers = 0;
  try {
    for (; answers < LIMITS.pipelinedRequestsMax + 50; answers++) await connection.readResponse();
  } catch {
    // It has ended.
  }
  // The first was waited for; the end may overtake the last answers.
  assert.equal(proxy.backend.requests.length, LIMITS.pipelinedRequestsMax + 1);
  assert.ok(answers <= LIMITS.pipelinedRequestsMax + 1);
});

Deno.test("uploads that break before the backend hears of them are refused, and nothing else happens", async () => {
  await using proxy = await startHardened({ workers: 1 });
  for (const bytes of [5, 100_000]) {
    using connection = await connectRaw(proxy.destination);
    const headers = [["content-length", String(bytes)]] as const;
    const body = `${"x".repeat(bytes)}\x00\x7f\r\n`;
    await connection.write(formatSigned(proxy, { method: "PUT", headers }) + body);
    await connection.closed().catch(() => {}); // an answer may come first
  }
  assert.equal((await proxy.send({ target: "/mine/other" })).status, 200);
});

Deno.test("a client that leaves before its upload is begun leaves the backend alone", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({}, { respond: () => ({ send: [gate, NOT_FOUND] }) });
  const connection = await connectRaw(proxy.destination);
  const headers = [["content-length", "100000"], ["if-none-match", "*"]] as const;
  await connection.write(`${formatSigned(proxy, { method: "PUT", headers })}abc`);
  await proxy.backend.nextRequest();
  connection.close();
  await proxy.send({ target: "/others/k" });
  gate.open();
  while (!(await proxy.readLog()).includes("client_closed")) {
    await proxy.send({ target: "/others/k" });
  }
  assert.ok(!proxy.backend.requests.some(({ method }) => method === "PUT"));
});

Deno.test("an Expect that nobody knows is ignored, and its request refused like any other", async () => {
  await using proxy = await startHardened({});
  using connection = await connectRaw(proxy.destination);
  const headers = [["content-length", "5"], ["expect", "something"]] as const;
  const head = formatRequestHead({ method: "PUT", target: TARGET, headers, port: proxy.port });
  await connection.write(`${head}hello`);
  const response = await connection.readResponse({ method: "PUT" });
  assert.deepEqual([response.status, response.errorCode], [403, "AccessDenied"]);
  assert.match(await proxy.readLog(), /"reason":"missing_credentials"/);
});

for (const tls of [false, true]) {
  Deno.test(`an upload in chunks of one byte arrives whole, ${tls ? "TLS" : "TCP"}`, async () => {
    await using proxy = await startHardened({}, { tls });
    const body = Array.from({ length: 100_000 }, (_, at) => at % 10).join("");
    const response = await sendInBytes(proxy, body);
    assert.deepEqual([response.status, response.text], [200, ""]);
    assert.equal(Buffer.from(proxy.backend.requests[0]?.body ?? []).toString(), body);
  });
}

Deno.test("a client that stops reading a response loses it, and the backend is released", async () => {
  const body = new Uint8Array(64_000_000);
  await using proxy = await startHardened({ write_timeout: "200ms" }, {
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatSigned(proxy));
  const seen = await proxy.backend.nextRequest();
  await seen.connectionClosed;
  assert.equal(await proxy.stop(), true);
  assert.match(await proxy.readLog(), /"code":"client_closed"/);
});

Deno.test("a backend that stops inside a response breaks it off", async () => {
  const gate = new Gate();
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nsome";
  await using proxy = await startHardened({ write_timeout: "200ms" }, {
    respond: () => ({ send: [head, gate] }),
  });
  const response = await proxy.send({ target: TARGET });
  assert.deepEqual([response.status, response.bodyEnd], [200, "broken"]);
  await proxy.backend.requests[0]?.connectionClosed;
  const log = await proxy.readLog();
  assert.match(log, /"level":"error"[^\n]*"status":200,"code":"backend_closed"/);
});

Deno.test("a response that the backend breaks off is told as such, without its length", async () => {
  for (const bytes of [1000, 1_000_000]) {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\nsome`;
    await using proxy = await startHardened({}, { respond: () => ({ send: [head], close: true }) });
    // A short one goes out whole or not at all.
    const answered = proxy.send({ target: TARGET });
    if (bytes > LIMITS.wholeResponseBytesMax) assert.equal((await answered).bodyEnd, "broken");
    else await assert.rejects(answered, /closed before a response's head/);
    const log = await proxy.readLog();
    assert.match(log, /"status":200,"code":"backend_closed"/);
    assert.doesNotMatch(log, /bytes_out/);
  }
});

Deno.test("an upload with a framing that makes no sense: IncompleteBody", async () => {
  await using proxy = await startHardened({});
  using connection = await connectRaw(proxy.destination);
  const headers: Header[] = [
    ["transfer-encoding", "chunked"],
    ["x-amz-decoded-content-length", "5"],
  ];
  const signed = signHeaders({
    method: "PUT",
    target: TARGET,
    headers: [["host", proxy.host], ...headers],
    ...ALICE,
    date: new Date(),
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  });
  const { headers: all } = signed;
  await connection.write(
    formatRequestHead({ method: "PUT", target: TARGET, headers: all, port: 0 }),
  );
  await connection.write("zz\r\nhello\r\n");
  const response = await connection.readResponse({ method: "PUT" });
  assert.equal(response.errorCode, "IncompleteBody", response.text);
  for (const seen of proxy.backend.requests) assert.equal(await seen.bodyEnd, "broken");
});

Deno.test("a refused upload whose framing makes no sense ends the connection with the refusal", async () => {
  await using proxy = await startHardened({});
  using connection = await connectRaw(proxy.destination);
  const headers = [["transfer-encoding", "chunked"]] as const;
  const key = { ...ALICE, secretKey: "wrong-secret-of-the-tests" };
  await connection.write(formatSigned(proxy, { method: "PUT", headers, key }));
  assert.equal((await connection.readResponse({ method: "PUT" })).status, 403);
  await connection.write("zz\r\n");
  // readers of the tests wait for less than discardedBodyTimeoutMs
  await connection.closed();
  assert.equal(proxy.backend.requests.length, 0);
});

Deno.test("of refused uploads that are still sent no more than discardingConnectionsMax are read", async () => {
  const before = LIMITS.discardingConnectionsMax;
  Object.assign(LIMITS, { discardingConnectionsMax: 2 });
  try {
    await using proxy = await startHardened({});
    const headers = [["content-length", String(MIB)]] as const;
    const key = { ...ALICE, secretKey: "wrong-secret-of-the-tests" };
    const refuse = async (): Promise<RawConnection> => {
      const connection = await connectRaw(proxy.destination);
      await connection.write(formatSigned(proxy, { method: "PUT", headers, key }));
      assert.equal((await connection.readResponse({ method: "PUT" })).status, 403);
      return connection;
    };
    using first = await refuse();
    using second = await refuse();
    using third = await refuse();
    await first.closed();
    for (const connection of [second, third]) {
      await connection.write(new Uint8Array(MIB));
      await connection.closed(); // once all of it was read
    }
    assert.equal(proxy.backend.requests.length, 0);
  } finally {
    Object.assign(LIMITS, { discardingConnectionsMax: before });
  }
});
