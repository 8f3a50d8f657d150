/**
 * What the hardened listener bounds, and the default one cannot.
 */

import assert from "node:assert/strict";
import { createHardenedListener } from "../../src/server/hardened_listener.ts";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import { Gate } from "../support/gate.ts";
import { formatSigned, startHardened } from "../support/hardened_listener.ts";
import { connectRaw, type RawConnection, sendRaw } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

for (const tls of [false, true]) {
  const over = tls ? "over TLS" : "over TCP";
  Deno.test(`a head that does not end is answered with 408 and the connection closed, ${over}`, async () => {
    await using proxy = await startHardened({ read_timeout: "100ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.write("GET /mine/k HTTP/1.1\r\nHost:");
    assert.equal((await connection.readResponse()).status, 408);
    await connection.closed();
  });

  Deno.test(`a connection that says nothing is closed without a word, ${over}`, async () => {
    await using proxy = await startHardened({ read_timeout: "100ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.closed();
  });

  Deno.test(`a connection without a next request is closed, ${over}`, async () => {
    await using proxy = await startHardened({ idle_timeout: "50ms" }, { tls });
    using connection = await connectRaw(proxy.destination);
    await connection.write(formatSigned(proxy));
    assert.equal((await connection.readResponse()).status, 200);
    await connection.closed();
  });
}

Deno.test("a TLS handshake that does not begin is closed", async () => {
  await using proxy = await startHardened({ read_timeout: "100ms" }, { tls: true });
  using connection = await connectRaw({ port: proxy.port });
  await connection.closed();
});

Deno.test("a head above max_header_bytes: 431", async () => {
  await using proxy = await startHardened({ max_header_bytes: 8192 });
  const head = (bytes: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(bytes)}\r\n\r\n`;
  assert.equal((await sendRaw(proxy.port, head(7000))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(8192))).status, 431);
});

Deno.test("one header more than headersMax: 400", async () => {
  await using proxy = await startHardened({});
  // Host is one of them.
  const head = (count: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\n${"x-a: b\r\n".repeat(count - 1)}\r\n`;
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headersMax))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headersMax + 1))).status, 400);
  // Node drops those beyond 1000: a second Host might be among them.
  assert.equal((await sendRaw(proxy.port, head(1500))).status, 400);
});

Deno.test("HTTP/1.1 without a Host: InvalidRequest", async () => {
  await using proxy = await startHardened({});
  proxy.assertRefused(await sendRaw(proxy.port, "GET /mine/k HTTP/1.1\r\n\r\n"), "InvalidRequest");
});

Deno.test("HTTP/2 by prior knowledge is not spoken: 400", async () => {
  await using proxy = await startHardened({});
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

Deno.test("requests piled up behind a response end the connection", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({}, {
    respond: () => ({ send: [gate, formatResponse()] }),
  });
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

Deno.test("what is piled up behind a refused upload is not looked at, and takes no slot", async () => {
  await using proxy = await startHardened({ max_in_flight_requests: 1 });
  const refused = "PUT /mine/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nA";
  for (const second of ["GET /mine/k HTTP/1.1\r\nHost: h\r\n\r\n", formatSigned(proxy)]) {
    using connection = await connectRaw(proxy.destination);
    await connection.write(refused + second);
    assert.equal((await connection.readResponse({ method: "PUT" })).status, 403);
    await connection.closed();
    assert.equal(proxy.backend.requests.length, 0);
  }
  assert.equal((await proxy.send({ target: "/mine/k" })).status, 200);
});

Deno.test("half a head behind a request that waits ends the connection", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({ read_timeout: "100ms" }, {
    respond: () => ({ send: [gate, formatResponse()] }),
  });
  using connection = await connectRaw(proxy.destination);
  // Its body is not asked for yet: broken as one, it would be answered.
  const headers = [["content-length", "1"], ["if-none-match", "*"]] as const;
  await connection.write(`${formatSigned(proxy, { method: "PUT", headers })}aGET / HT`);
  const seen = await proxy.backend.nextRequest();
  await connection.closed();
  await seen.connectionClosed;
  gate.open();
});

Deno.test("stop() closes idle connections, and those that are answered, with their answer", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({}, {
    respond: () => ({ send: [gate, formatResponse()] }),
  });
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
