import assert from "node:assert/strict";
import { ALICE, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, sendRaw, writeRequest } from "../support/raw_client.ts";
import { Gate } from "../support/gate.ts";
import { startRelay } from "../support/relay.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";
import { LIMITS } from "../../src/limits.ts";

const TARGET = "/mine/k";

/** A signed request's head, for tests that change it before it is sent. */
function sign(
  proxy: ProxyUnderTest,
  { method = "GET", headers = [] }: { method?: string; headers?: readonly Header[] } = {},
): Header[] {
  const input = { method, target: TARGET, ...ALICE, date: new Date() };
  return [
    ...signHeaders({
      ...input,
      headers: [["host", proxy.host], ...headers],
      payloadHash: "UNSIGNED-PAYLOAD",
    }).headers,
  ];
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}

const MALFORMED: readonly [name: string, lines: string][] = [
  ["Content-Length and Transfer-Encoding", "Content-Length: 3\r\nTransfer-Encoding: chunked"],
  ["two Content-Lengths", "Content-Length: 3\r\nContent-Length: 4"],
  ["a negative Content-Length", "Content-Length: -1"],
  ["chunked before gzip", "Transfer-Encoding: chunked, gzip"],
  ["a folded header", "x-a: b\r\n c"],
  ["a blank before the colon", "x-a : b"],
  ["a header without a colon", "x-a"],
  ["NUL in a header", "x-a: b\0c"],
  ["a second Host", "Host: other.example"],
  ["a second Host like the first", "Host: s3.test"],
];
for (const [name, lines] of MALFORMED) {
  testListeners(`P8 ${name} is refused with 400`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const head = `PUT ${TARGET} HTTP/1.1\r\nHost: s3.test\r\n${lines}\r\n\r\n`;
    assert.equal((await sendRaw(proxy.port, head)).status, 400);
    assert.equal(proxy.backend.requests.length, 0);
  });
}

testListeners("P8 a coding beside chunked is refused: NotImplemented", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const headers = [...sign(proxy, { method: "PUT" }), [
    "Transfer-Encoding",
    "gzip, chunked",
  ]] as const;
  const chunks = [pattern(3)];
  const response = await proxy.sendRaw({
    method: "PUT",
    target: TARGET,
    headers,
    body: { chunks },
  });
  proxy.assertRefused(response, "NotImplemented");
});

testListeners("P8 Connection takes no header away", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const unsigned = [["Connection", "x-amz-date, x-amz-content-sha256, host"]] as const;
  assert.equal((await proxy.send({ target: TARGET, unsigned })).status, 200);
  assert.notEqual(proxy.backend.requests[0]?.header("x-amz-date"), undefined);
  assert.equal(proxy.backend.requests[0]?.header("connection"), undefined);
});

testListeners("a header sent twice is one, joined by a comma", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const signed = sign(proxy, { method: "PUT", headers: [["x-amz-meta-a", "one, two"]] });
  const headers = signed.flatMap(([name, value]): Header[] =>
    name === "x-amz-meta-a" ? [[name, "one"], ["X-Amz-Meta-A", "two"]] : [[name, value]]
  );
  const response = await proxy.sendRaw({ method: "PUT", target: TARGET, headers, body: "x" });
  assert.equal(response.status, 200, response.text);
  assert.equal(proxy.backend.requests[0]?.header("x-amz-meta-a"), "one, two");
});

testListeners("response headers have the case that docs/LISTENERS.md says", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const { headers } = await proxy.send({ target: TARGET });
  const names = headers.map(([name]) => name);
  const expected = listener === "hardened" ? "Content-Length" : "content-length";
  assert.ok(names.includes(expected), names.join());
});

testListeners("an absolute-form target with the same host is understood", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const target = `http://${proxy.host}${TARGET}`;
  const response = await proxy.sendRaw({ method: "GET", target, headers: sign(proxy) });
  assert.equal(response.status, 200, response.text);
  assert.equal(proxy.backend.requests[0]?.target, TARGET);
});

testListeners("header values are bytes, both ways", async (listener) => {
  const value = "caf\xe9 \xc3\xa9";
  const lengths = [0, 10, LIMITS.wholeResponseBytesMax + 1];
  for (const length of lengths) {
    const answer = formatResponse({ headers: [["x-amz-meta-a", value]], body: pattern(length) });
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [answer] }),
    });
    const response = await proxy.send({ target: TARGET });
    assert.equal(response.header("x-amz-meta-a"), value);
    const unsigned = [["content-disposition", value]] as const;
    await proxy.send({ method: "PUT", target: TARGET, unsigned, body: "x" });
    assert.equal(proxy.backend.requests[1]?.header("content-disposition"), value);
  }
});

const LENGTHS = [
  0,
  1,
  LIMITS.wholeResponseBytesMax,
  LIMITS.wholeResponseBytesMax + 1,
  LIMITS.bodyPieceBytesMax + 1,
  3_000_000,
];
testListeners("bodies of every length pass whole, both ways", async (listener) => {
  for (const length of LENGTHS) {
    const body = pattern(length);
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [formatResponse({ body })] }),
    });
    const response = await proxy.send({ target: TARGET });
    assert.deepEqual(response.body, body);
    assert.equal(response.header("content-length"), String(length));
    await proxy.send({ method: "PUT", target: TARGET, body });
    const seen = proxy.backend.requests[1];
    assert.deepEqual(seen?.body, body);
    assert.deepEqual([seen?.header("content-length"), seen?.header("transfer-encoding")], [
      String(length),
      undefined,
    ]);
  }
});

testListeners(
  "a body without a length passes in chunks; cut short, it never ends",
  async (listener) => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const piece = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
    let last = "0\r\n\r\n";
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [head, piece, piece, last], close: true }),
    });
    const whole = await proxy.send({ target: TARGET });
    assert.deepEqual([whole.bodyEnd, whole.body.length], ["complete", 0x20000]);
    last = "10000\r\nhalf";
    assert.equal((await proxy.send({ target: TARGET })).bodyEnd, "broken");
  },
);

testListeners("304 has its headers and no body", async (listener) => {
  const answer = formatResponse({ status: 304, headers: [["etag", '"e"']] });
  await using proxy = await ProxyUnderTest.start({ listener, respond: () => ({ send: [answer] }) });
  const response = await proxy.send({ target: TARGET, headers: [["if-none-match", '"e"']] });
  assert.deepEqual([response.status, response.header("etag")], [304, '"e"']);
});

testListeners(
  "requests on one connection are answered in order, pipelined too",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) => ({
        send: [formatResponse({ headers: [["x-amz-meta-a", method]] })],
      }),
    });
    using connection = await connectRaw(proxy.destination);
    const head = (method: string): string =>
      formatRequestHead({
        method,
        target: TARGET,
        port: proxy.port,
        headers: sign(proxy, { method }),
      });
    await connection.write(head("GET"));
    assert.equal((await connection.readResponse()).header("x-amz-meta-a"), "GET");
    await connection.write(head("DELETE") + head("HEAD") + head("GET"));
    for (const method of ["DELETE", "HEAD", "GET"]) {
      assert.equal((await connection.readResponse({ method })).header("x-amz-meta-a"), method);
    }
  },
);

testListeners(
  "one request too many in flight: SlowDown with Retry-After, logged",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [gate, formatResponse()] }),
      settings: { server: { max_in_flight_requests: 1 } },
    });
    const first = proxy.send({ target: TARGET });
    await proxy.backend.nextRequest();
    const second = await proxy.send({ target: TARGET });
    assert.deepEqual([second.status, second.errorCode], [503, "SlowDown"]);
    assert.equal(second.header("retry-after"), "2");
    const headers = [["host", proxy.host]] as const;
    assert.equal((await proxy.sendRaw({ method: "GET", target: "/", headers })).status, 200);
    gate.open();
    assert.equal((await first).status, 200);
    assert.equal((await proxy.send({ target: TARGET })).status, 200);
    assert.match(await proxy.readLog(), /"status":503,"code":"SlowDown"[^\n]*in_flight_requests/);
  },
);

testListeners(
  "Expect: 100-continue without a body: the answer says Connection: close",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    using connection = await connectRaw(proxy.destination);
    const headers = sign(proxy, {
      method: "PUT",
      headers: [["expect", "100-continue"], ["content-length", "0"]],
    });
    const head = { method: "PUT", target: TARGET, headers, port: proxy.port };
    await connection.write(formatRequestHead(head));
    const response = await connection.readResponse({ method: "PUT" });
    assert.deepEqual([response.status, response.interim], [200, []]);
    assert.equal(response.header("connection"), "close");
  },
);

testListeners("P9 a refused upload is answered at once, however long it is", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  using connection = await connectRaw(proxy.destination);
  const headers = [["host", proxy.host], ["content-length", "1000000000000"]] as const;
  await connection.write(formatRequestHead({ method: "PUT", target: TARGET, headers, port: 0 }));
  const response = await connection.readResponse({ method: "PUT" });
  proxy.assertRefused(response, "AccessDenied");
  if (listener === "hardened") assert.equal(response.header("connection"), "close");
});

testListeners("TLS: both ways", async (listener) => {
  const body = pattern(200_000);
  await using proxy = await ProxyUnderTest.start({
    listener,
    tls: true,
    respond: () => ({ send: [formatResponse({ body })] }),
  });
  assert.deepEqual((await proxy.send({ target: TARGET })).body, body);
  assert.equal((await proxy.send({ method: "PUT", target: TARGET, body })).status, 200);
  assert.deepEqual(proxy.backend.requests[1]?.body, body);
});

testListeners(
  "P11 a client that leaves before the answer releases the backend",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({ listener, respond: () => ({ send: [gate] }) });
    using connection = await connectRaw(proxy.destination);
    await connection.write(
      formatRequestHead({ method: "GET", target: TARGET, port: proxy.port, headers: sign(proxy) }),
    );
    const seen = await proxy.backend.nextRequest();
    connection.close();
    await seen.connectionClosed;
    await assertClientClosed(proxy);
  },
);

testListeners(
  "P11 a client that leaves inside an answer releases the backend",
  async (listener) => {
    const gate = new Gate();
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nsome of it";
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [head, gate] }),
    });
    using connection = await connectRaw(proxy.destination);
    await connection.write(
      formatRequestHead({ method: "GET", target: TARGET, port: proxy.port, headers: sign(proxy) }),
    );
    const seen = await proxy.backend.nextRequest();
    assert.equal((await connection.readHead())?.status, 200);
    connection.close();
    await seen.connectionClosed;
    await assertClientClosed(proxy);
  },
);

testListeners(
  "P11 a client that left before the head of a large answer came harms nobody else",
  async (listener) => {
    const gate = new Gate();
    const body = pattern(200_000);
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ target }) => ({
        send: [...(target === TARGET ? [gate] : []), formatResponse({ body })],
      }),
    });
    using connection = await connectRaw(proxy.destination);
    await connection.write(
      formatRequestHead({ method: "GET", target: TARGET, port: proxy.port, headers: sign(proxy) }),
    );
    await proxy.backend.nextRequest();
    connection.close();
    // Once another request has come and gone, the proxy has heard of the first one's end.
    assert.deepEqual((await proxy.send({ target: `${TARGET}-other` })).body, body);
    gate.open();
    assert.deepEqual((await proxy.send({ target: `${TARGET}-other` })).body, body);
    await assertClientClosed(proxy);
  },
);

testListeners(
  "P11 a client that leaves inside its upload releases the backend",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    using connection = await connectRaw(proxy.destination);
    const bytes = pattern(100_000);
    await writeRequest(connection, {
      ...proxy.destination,
      method: "PUT",
      target: TARGET,
      headers: [...sign(proxy, { method: "PUT" }), ["content-length", "200000"]],
      body: bytes,
    });
    const seen = await proxy.backend.nextRequest();
    connection.close();
    assert.equal(await seen.bodyEnd, "broken");
    await proxy.stop();
    // `Deno.serve` cannot tell a client that left from one that only stopped sending.
    assert.match(await proxy.readLog(), /"status":499,"code":"client_closed"|"IncompleteBody"/);
  },
);

testListeners(
  "P11 a client that breaks off its TLS inside its upload is no failure of the backend",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener, tls: true });
    using relay = await startRelay(proxy.port);
    using connection = await connectRaw({ ...proxy.destination, port: relay.port });
    await writeRequest(connection, {
      ...proxy.destination,
      method: "PUT",
      target: TARGET,
      headers: [...sign(proxy, { method: "PUT" }), ["content-length", "200000"]],
      body: pattern(100_000),
    });
    const seen = await proxy.backend.nextRequest();
    relay.breakOff();
    assert.equal(await seen.bodyEnd, "broken");
    await proxy.stop();
    assert.match(await proxy.readLog(), /"status":499,"code":"client_closed"|"IncompleteBody"/);
  },
);

/** Stopping waits for the end of the request, which writes its line. */
async function assertClientClosed(proxy: ProxyUnderTest): Promise<void> {
  await proxy.stop();
  assert.match(await proxy.readLog(), /"status":499,"code":"client_closed"/);
}

testListeners(
  "an upload that runs when the program is told to stop is finished",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    using upload = await connectRaw(proxy.destination);
    const headers = [...sign(proxy, { method: "PUT" }), ["Content-Length", "10"]] as const;
    await upload.write(
      formatRequestHead({ method: "PUT", target: TARGET, port: proxy.port, headers }),
    );
    await upload.write("hello");
    const seen = await proxy.backend.nextRequest();
    using other = await connectRaw(proxy.destination);
    const stopped = proxy.stop();
    await other.write("GET / HTTP/1.1\r\nHost: s3.test\r\n\r\n");
    assert.equal((await other.readHead())?.status, 503, "what comes later is refused");
    await upload.write("world");
    assert.equal((await upload.readResponse()).status, 200);
    assert.equal(await stopped, true);
    assert.equal(new TextDecoder().decode(seen.body), "helloworld");
  },
);
