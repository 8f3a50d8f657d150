/**
 * What the hardened listener bounds, and the default one cannot.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHardenedListener } from "../../src/server/hardened_listener.ts";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { ALICE, ProxyUnderTest } from "../support/proxy_under_test.ts";
import {
  connectRaw,
  formatRequestHead,
  type RawConnection,
  type RawResponse,
  sendRaw,
} from "../support/raw_client.ts";
import { type Answer, formatResponse } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";

const TARGET = "/mine/k";

function start(
  server: Readonly<Record<string, unknown>>,
  options: { tls?: boolean; respond?: () => Answer } = {},
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({ listener: "hardened", settings: { server }, ...options });
}

/** A signed request's head. */
function formatSigned(
  proxy: ProxyUnderTest,
  { method = "GET", headers = [], key = ALICE }: {
    method?: string;
    headers?: readonly Header[];
    key?: typeof ALICE;
  } = {},
): string {
  const signed = signHeaders({
    method,
    target: TARGET,
    headers: [["host", proxy.host], ...headers],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  return formatRequestHead({ method, target: TARGET, headers: signed.headers, port: proxy.port });
}

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

for (const tls of [false, true]) {
  const over = tls ? "over TLS" : "over TCP";
  Deno.test(`a head that does not end is answered with 408 and the connection closed, ${over}`, async () => {
    await using proxy = await start({ read_timeout: "100ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.write("GET /mine/k HTTP/1.1\r\nHost:");
    assert.equal((await connection.readResponse()).status, 408);
    await connection.closed();
  });

  Deno.test(`a connection that says nothing is closed without a word, ${over}`, async () => {
    await using proxy = await start({ read_timeout: "100ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.closed();
  });

  Deno.test(`a connection without a next request is closed, ${over}`, async () => {
    await using proxy = await start({ idle_timeout: "50ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.write(formatSigned(proxy));
    assert.equal((await connection.readResponse()).status, 200);
    await connection.closed();
  });
}

Deno.test("a TLS handshake that does not begin is closed", async () => {
  await using proxy = await start({ read_timeout: "100ms" }, { tls: true });
  using connection = await connectRaw({ port: proxy.port });
  await connection.closed();
});

Deno.test("a head above max_header_bytes: 431", async () => {
  await using proxy = await start({ max_header_bytes: 8192 });
  const head = (bytes: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(bytes)}\r\n\r\n`;
  assert.equal((await sendRaw(proxy.port, head(7000))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(8192))).status, 431);
});

Deno.test("one header more than headersMax: 400", async () => {
  await using proxy = await start({});
  // Host is one of them.
  const head = (count: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\n${"x-a: b\r\n".repeat(count - 1)}\r\n`;
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headersMax))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headersMax + 1))).status, 400);
  // Node drops those beyond 1000: a second Host might be among them.
  assert.equal((await sendRaw(proxy.port, head(1500))).status, 400);
});

Deno.test("HTTP/1.1 without a Host: InvalidRequest", async () => {
  await using proxy = await start({});
  proxy.assertRefused(await sendRaw(proxy.port, "GET /mine/k HTTP/1.1\r\n\r\n"), "InvalidRequest");
});

Deno.test("HTTP/2 by prior knowledge is not spoken: 400", async () => {
  await using proxy = await start({});
  assert.equal((await sendRaw(proxy.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).status, 400);
});

Deno.test("one connection more than connectionsMax is closed, and another takes the place of one that ended", async () => {
  const listener = await createHardenedListener({
    hostname: "127.0.0.1",
    port: 0,
    tls: undefined,
    maxHeaderBytes: LIMITS.maxHeaderBytes,
    readTimeoutMs: undefined,
    writeTimeoutMs: undefined,
    idleTimeoutMs: undefined,
    connectionsMax: 2,
  }, () =>
    Promise.resolve({
      answer: { status: 200, headers: [], body: encodeUtf8("ok"), code: undefined },
      ended: () => {},
    }));
  const open = async (): Promise<RawConnection> => {
    const connection = await connectRaw(listener);
    await connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return connection;
  };
  const first = await open();
  using second = await open();
  for (const { status } of [await first.readResponse(), await second.readResponse()]) {
    assert.equal(status, 200);
  }
  for (let count = 0; count < 20; count++) {
    using refused = await open();
    await refused.closed();
  }
  const goodbye = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  await first.write(goodbye);
  assert.equal((await first.readResponse()).status, 200);
  await first.closed();
  first.close();
  using third = await open();
  assert.equal((await third.readResponse()).status, 200);
  second.close();
  third.close();
  await listener.shutdown();
});

const EXPECTING: readonly Header[] = [["expect", "100-continue"], ["content-length", "5"]];

Deno.test("Expect: 100-continue is answered with the refusal alone", async () => {
  await using proxy = await start({});
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
  await using proxy = await start({});
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatSigned(proxy, { method: "PUT", headers: EXPECTING }));
  const seen = await proxy.backend.nextRequest();
  await connection.write("hello");
  const response = await connection.readResponse({ method: "PUT" });
  assert.deepEqual([response.status, response.interim], [200, [100]]);
  assert.equal(new TextDecoder().decode(seen.body), "hello");
});

Deno.test("an upload that stands still: RequestTimeout, and the backend is released", async () => {
  await using proxy = await start({ read_timeout: "100ms" });
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
  await using proxy = await start({ read_timeout: "100ms" });
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
  await using proxy = await start({ read_timeout: "300ms" }, {
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
    await using proxy = await start({}, {
      tls,
      respond: () => ({ read: { pauseAfterBytes: 1, gate } }),
    });
    // More than all buffers on the way: pieces are in use when the next ones come, and are freed.
    const body = Uint8Array.from({ length: 20_000_000 }, (_, at) => (at ^ (at >> 8)) % 251);
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
  Deno.test(`an upload in chunks of one byte arrives whole, ${tls ? "TLS" : "TCP"}`, async () => {
    await using proxy = await start({}, { tls });
    const body = Array.from({ length: 100_000 }, (_, at) => at % 10).join("");
    const response = await sendInBytes(proxy, body);
    assert.deepEqual([response.status, response.text], [200, ""]);
    assert.equal(Buffer.from(proxy.backend.requests[0]?.body ?? []).toString(), body);
  });
}

Deno.test("a client that stops reading a response loses it, and the backend is released", async () => {
  const body = new Uint8Array(64_000_000);
  await using proxy = await start({ write_timeout: "200ms" }, {
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
  await using proxy = await start({ write_timeout: "200ms" }, {
    respond: () => ({ send: [head, gate] }),
  });
  const response = await proxy.send({ target: TARGET });
  assert.deepEqual([response.status, response.bodyEnd], [200, "broken"]);
  await proxy.backend.requests[0]?.connectionClosed;
});

Deno.test("an upload with a framing that makes no sense: IncompleteBody", async () => {
  await using proxy = await start({});
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
  await using proxy = await start({});
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

Deno.test("requests piled up behind a response end the connection", async () => {
  const gate = new Gate();
  await using proxy = await start({}, { respond: () => ({ send: [gate, formatResponse()] }) });
  const request = formatSigned(proxy);
  const fits = await connectRaw(proxy.destination);
  await fits.write(request);
  await proxy.backend.nextRequest();
  await fits.write(request.repeat(LIMITS.pipelinedRequestsMax));
  using tooMany = await connectRaw(proxy.destination);
  await tooMany.write(request);
  await proxy.backend.nextRequest();
  await tooMany.write(request.repeat(LIMITS.pipelinedRequestsMax + 1));
  await tooMany.closed();
  gate.open();
  for (let count = 0; count <= LIMITS.pipelinedRequestsMax; count++) {
    assert.equal((await fits.readResponse()).status, 200);
  }
  fits.close();
});

Deno.test("stop() closes idle connections, and those that are answered, with their answer", async () => {
  const gate = new Gate();
  await using proxy = await start({}, { respond: () => ({ send: [gate, formatResponse()] }) });
  using idle = await connectRaw(proxy.destination);
  await idle.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.equal((await idle.readResponse()).status, 200);
  using busy = await connectRaw(proxy.destination);
  await busy.write(formatSigned(proxy));
  await proxy.backend.nextRequest();
  const stopped = proxy.stop();
  await idle.closed();
  gate.open();
  assert.equal((await busy.readResponse()).header("connection"), "close");
  await busy.closed();
  assert.equal(await stopped, true);
});
