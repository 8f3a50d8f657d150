/**
 * What the hardened listener bounds, and the default one cannot.
 */

import assert from "node:assert/strict";
import type { ProxyResponse } from "../../src/proxy.ts";
import { createHardenedListener } from "../../src/server/hardened_listener.ts";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { Gate } from "../support/gate.ts";
import { formatSigned, startHardened } from "../support/hardened_listener.ts";
import { connectRaw, type RawConnection, sendRaw } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

const UNBOUNDED = {
  hostname: "127.0.0.1",
  port: 0,
  tls: undefined,
  maxHeaderBytes: LIMITS.maxHeaderBytes,
  readTimeoutMs: undefined,
  writeTimeoutMs: undefined,
  idleTimeoutMs: undefined,
} as const;
/** A new one each time: who sends it adds to its headers. */
function answerOk(): ProxyResponse {
  const body = encodeUtf8("ok");
  return { answer: { status: 200, headers: [], body, code: undefined }, ended: () => {} };
}

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

Deno.test("X6 TLS handshakes that do not end never keep out who comes after them", async () => {
  const tls = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
  const listener = createHardenedListener(
    { ...UNBOUNDED, tls, connectionsMax: 3 },
    () => Promise.resolve(answerOk()),
  );
  const { port } = listener;
  const silent: RawConnection[] = [];
  const connectSilently = async (hello: string): Promise<void> => {
    const connection = await connectRaw({ port });
    await connection.write(hello);
    silent.push(connection);
  };
  for (let round = 0; round < 5; round++) {
    // Nothing, the beginning of a hello, and what is no TLS at all.
    for (const hello of ["", "", "\x16\x03\x01\x02\x00\x01", "GET / HTTP/1.1\r\n"]) {
      await connectSilently(hello);
    }
    using connection = await connectRaw({ port, caCert: TEST_CERTIFICATE });
    await connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal((await connection.readResponse()).status, 200);
  }
  // All but the last have made room.
  for (const connection of silent.slice(0, -3)) await connection.closed();
  await listener.shutdown();
  for (const connection of silent) await connection.closed();
});

Deno.test("X6 a TLS handshake that takes too long is cut off", async () => {
  await using proxy = await startHardened({ read_timeout: "100ms" }, { tls: true });
  for (const hello of ["", "\x16\x03\x01\x02\x00\x01"]) {
    using connection = await connectRaw({ port: proxy.port });
    await connection.write(hello);
    await connection.closed();
  }
});

Deno.test("a head above max_header_bytes: 431", async () => {
  await using proxy = await startHardened({ max_header_bytes: 8192 });
  const head = (bytes: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\nx-a: ${"a".repeat(bytes)}\r\n\r\n`;
  assert.equal((await sendRaw(proxy.port, head(7000))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(8192))).status, 431);
});

Deno.test("one field line more than headFieldsMax: 431", async () => {
  await using proxy = await startHardened({});
  // Host is one of them.
  const head = (count: number): string =>
    `GET / HTTP/1.1\r\nHost: x\r\n${"x-a: b\r\n".repeat(count - 1)}\r\n`;
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headFieldsMax))).status, 200);
  assert.equal((await sendRaw(proxy.port, head(LIMITS.headFieldsMax + 1))).status, 431);
});

Deno.test("HTTP/1.1 without a Host: InvalidRequest", async () => {
  await using proxy = await startHardened({});
  proxy.assertRefused(await sendRaw(proxy.port, "GET /mine/k HTTP/1.1\r\n\r\n"), "InvalidRequest");
});

Deno.test("HTTP/2 by prior knowledge is not spoken: 505", async () => {
  await using proxy = await startHardened({});
  assert.equal((await sendRaw(proxy.port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).status, 505);
});

Deno.test("at connectionsMax the longest idle connection makes room; where all are busy, others wait", async () => {
  const gate = new Gate();
  const listener = createHardenedListener(
    { ...UNBOUNDED, connectionsMax: 2 },
    async ({ target }) => {
      if (target === "/busy") await gate.opened;
      return answerOk();
    },
  );
  const ask = async (connection: RawConnection, target: string): Promise<RawConnection> => {
    await connection.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return connection;
  };
  using first = await ask(await connectRaw(listener), "/");
  assert.equal((await first.readResponse()).status, 200);
  using second = await ask(await connectRaw(listener), "/");
  assert.equal((await second.readResponse()).status, 200);
  using third = await ask(await connectRaw(listener), "/busy");
  await first.closed();
  using fourth = await ask(await connectRaw(listener), "/busy");
  await second.closed();
  using fifth = await ask(await connectRaw(listener), "/");
  const answered = fifth.readResponse();
  assert.equal(await Promise.race([answered.then(() => "answered"), anHourOfTurns()]), "waits");
  gate.open();
  assert.equal((await third.readResponse()).status, 200);
  assert.equal((await fourth.readResponse()).status, 200);
  assert.equal((await answered).status, 200);
  await listener.shutdown();
});

/** As long as many requests take. */
async function anHourOfTurns(): Promise<string> {
  await using proxy = await startHardened({});
  for (let count = 0; count < 20; count++) {
    await sendRaw(proxy.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  return "waits";
}

Deno.test("requests piled up behind a response stay with the client, and are answered in order", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({}, {
    respond: () => ({ send: [gate, formatResponse()] }),
  });
  using connection = await connectRaw(proxy.destination);
  await connection.write(formatSigned(proxy).repeat(100));
  await proxy.backend.nextRequest();
  assert.equal(proxy.backend.requests.length, 1);
  gate.open();
  for (let count = 0; count < 100; count++) {
    assert.equal((await connection.readResponse()).status, 200);
  }
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

Deno.test("half a head behind a request is waited for once that has its answer", async () => {
  const gate = new Gate();
  await using proxy = await startHardened({ read_timeout: "100ms" }, {
    respond: () => ({ send: [gate, formatResponse()] }),
  });
  using connection = await connectRaw(proxy.destination);
  await connection.write(`${formatSigned(proxy)}GET / HT`);
  await proxy.backend.nextRequest();
  gate.open();
  assert.equal((await connection.readResponse()).status, 200);
  assert.equal((await connection.readResponse()).status, 408);
  await connection.closed();
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
