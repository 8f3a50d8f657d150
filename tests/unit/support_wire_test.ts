import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { Gate } from "../support/gate.ts";
import { requestHttp2 } from "../support/http2_client.ts";
import { connectRaw, request, sendRaw, writeRequest } from "../support/raw_client.ts";
import { formatResponse, startRecordingBackend } from "../support/recording_backend.ts";

const TLS = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

Deno.test("startRecordingBackend() records a head as it was sent", async () => {
  await using backend = startRecordingBackend();
  using connection = await connectRaw(backend);
  const head = "GET /a/../%2e?b HTTP/1.1\r\nHOST: x\r\nX-Twice: 1\r\nx-twice:  2 \r\n\r\n";
  for (let round = 0; round < 2; round++) {
    await connection.write(head);
    assert.equal((await connection.readResponse()).status, 200);
  }
  const [first, second] = backend.requests;
  assert.equal(first?.startLine, "GET /a/../%2e?b HTTP/1.1");
  assert.deepEqual(second?.headers, [["HOST", "x"], ["X-Twice", "1"], ["x-twice", "2"]]);
  assert.deepEqual(second?.headerLines, ["HOST: x", "X-Twice: 1", "x-twice:  2 "]);
  assert.equal(first?.framing, "none");
  assert.throws(() => first?.header("x-twice"), /sent 2 times/);
  assert.equal(backend.connections, 1);
});

Deno.test("startRecordingBackend() de-frames chunks and keeps trailers", async () => {
  await using backend = startRecordingBackend();
  await sendRaw(
    backend.port,
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
  );
  const recorded = await backend.nextRequest();
  assert.equal(recorded.framing, "chunked");
  assert.equal(Buffer.from(recorded.body).toString(), "abcde");
  assert.deepEqual(recorded.trailers, [["X-T", "1"]]);
  assert.equal(await recorded.bodyEnd, "complete");
});

Deno.test("startRecordingBackend() tells a broken body from a complete one", async () => {
  await using backend = startRecordingBackend();
  const bytes = new Uint8Array(1000);
  await assert.rejects(request({ ...backendPut(backend.port), body: { bytes, truncateAt: 999 } }));
  {
    using connection = await connectRaw(backend);
    await connection.write("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await backend.nextRequest();
  }
  const [truncated, chunked] = [backend.requests[0], await backend.nextRequest()];
  assert.equal(await truncated?.bodyEnd, "broken");
  assert.equal(truncated?.bodyBytes, 999);
  assert.equal(await chunked.bodyEnd, "broken");
});

Deno.test("startRecordingBackend() closes before a head or inside a body", async () => {
  await using backend = startRecordingBackend(({ target }) =>
    target === "/none" ? { send: [], close: true } : { send: [`${HEAD}ab`], close: true }
  );
  await assert.rejects(sendRaw(backend.port, "GET /none HTTP/1.1\r\n\r\n"), /before a response/);
  const half = await sendRaw(backend.port, "GET /half HTTP/1.1\r\n\r\n");
  assert.deepEqual([half.text, half.bodyEnd], ["ab", "broken"]);
});

Deno.test("startRecordingBackend() stalls at a gate and sees its peer leave", async () => {
  const gate = new Gate();
  await using backend = startRecordingBackend(() => ({ send: [HEAD, gate, "late"] }));
  using patient = await connectRaw(backend);
  await patient.write("GET / HTTP/1.1\r\n\r\n");
  const head = await patient.readHead();
  assert.ok(head);
  {
    using leaving = await connectRaw(backend);
    await leaving.write("GET / HTTP/1.1\r\n\r\n");
    await leaving.readHead();
  }
  await backend.requests[1]?.connectionClosed;
  assert.equal(backend.openConnections, 1);
  gate.open();
  assert.equal(Buffer.from((await patient.readBody(head)).body).toString(), "late");
});

Deno.test("startRecordingBackend() reads a body slowly or not at all", async () => {
  const gate = new Gate();
  await using backend = startRecordingBackend(({ method }) =>
    method === "PUT" ? { read: { pauseAfterBytes: 1, gate } } : { read: "nothing" }
  );
  const body = new Uint8Array(16 << 20);
  using connection = await connectRaw(backend);
  const written = writeRequest(connection, { ...backendPut(backend.port), body });
  const slow = await backend.nextRequest();
  assert.ok(slow.bodyBytes < body.length);
  gate.open();
  await written;
  assert.equal((await connection.readResponse()).status, 200);
  assert.equal(slow.bodyBytes, body.length);

  assert.equal((await request({ ...backendPut(backend.port), method: "POST", body })).status, 200);
  assert.equal(backend.requests[1]?.bodyBytes, 0);
});

Deno.test("request() speaks TLS, HEAD and chunks", async () => {
  await using backend = startRecordingBackend(
    () => ({ send: [formatResponse({ headers: [["Content-Length", "9"]] })] }),
    { tls: TLS },
  );
  const response = await request({
    ...backendPut(backend.port),
    caCert: TEST_CERTIFICATE,
    method: "HEAD",
    body: { chunks: [new Uint8Array(3), new Uint8Array(), new Uint8Array(2)] },
  });
  assert.equal(response.header("content-length"), "9");
  assert.equal(backend.requests[0]?.body.length, 5);
});

Deno.test("sendRaw() notes interim responses", async () => {
  await using backend = startRecordingBackend(() => ({
    send: ["HTTP/1.1 100 Continue\r\n\r\n", formatResponse({ status: 403 })],
  }));
  const response = await sendRaw(backend.port, "GET / HTTP/1.1\r\n\r\n");
  assert.deepEqual([response.interim, response.status], [[100], 403]);
});

Deno.test("startRecordingBackend() throws at disposal what its script threw", async () => {
  await assert.rejects(async () => {
    await using backend = startRecordingBackend(() => {
      throw new Error("script");
    });
    await assert.rejects(sendRaw(backend.port, "GET / HTTP/1.1\r\n\r\n"), /before a response/);
  }, /script/);
});

for (const tls of [undefined, TLS]) {
  Deno.test(`requestHttp2() sends authority and host apart, ${tls ? "h2" : "h2c"}`, async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls },
      async (inbound) =>
        new Response(`${inbound.url} ${inbound.headers.get("host")} ${await inbound.text()}`),
    );
    const { status, body } = await requestHttp2({
      port: server.addr.port,
      caCert: tls?.cert,
      method: "PUT",
      target: "/a/../b",
      authority: "one.example",
      headers: [["host", "two.example"]],
      body: "body",
    });
    assert.equal(status, 200);
    const scheme = tls ? "https" : "http";
    assert.equal(
      Buffer.from(body).toString(),
      `${scheme}://one.example/a/../b two.example body`,
    );
  });
}

function backendPut(port: number): { port: number; method: string; target: string } {
  return { port, method: "PUT", target: "/" };
}
