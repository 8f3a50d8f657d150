/** What requests meet before, during and after a reload, in both listeners. */

import assert from "node:assert/strict";
import type { Certificates } from "../../src/config/certificates.ts";
import type { CompleteConfig } from "../../src/config/compile.ts";
import { parseConfig } from "../../src/config/load.ts";
import { SharedMemory } from "../../src/lib/shared_memory.ts";
import { ClientServer } from "../../src/server/client_server.ts";
import {
  RENEWED_CERTIFICATE,
  RENEWED_PRIVATE_KEY,
  TEST_CERTIFICATE,
  TEST_PRIVATE_KEY,
} from "../support/certificate.ts";
import { Gate } from "../support/gate.ts";
import { type ListenerName, testListeners } from "../support/proxy_under_test.ts";
import { createQuietLogger } from "../support/quiet_logger.ts";
import { connectRaw, type Destination, formatRequestHead, request } from "../support/raw_client.ts";
import { type RecordingBackend, startRecordingBackend } from "../support/recording_backend.ts";
import { type Header, signHeaders } from "../support/signer.ts";

const USER = { accessKey: "user-key", secretKey: "user-secret-of-the-tests" };
const NO_CERTIFICATES: Certificates = { server: undefined, client: undefined, authorities: [] };
const FIRST = { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY };
const RENEWED = { cert: RENEWED_CERTIFICATE, key: RENEWED_PRIVATE_KEY };

/** What a test may say of a configuration. */
interface Settings {
  readonly listener: ListenerName;
  readonly backend: RecordingBackend;
  readonly certificates?: Partial<Certificates>;
  readonly secretKey?: string;
  readonly server?: Readonly<Record<string, unknown>>;
}

function complete(
  { listener, backend, certificates, secretKey = USER.secretKey, server }: Settings,
): CompleteConfig {
  const text = JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: `http://127.0.0.1:${backend.port}`,
    },
    server: { listen_addr: "127.0.0.1:0", listener, ...server },
    users: [{ access_key: USER.accessKey, secret_key: secretKey, allowed_buckets: ["*"] }],
  });
  const { config } = parseConfig(text, {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  return { config, certificates: { ...NO_CERTIFICATES, ...certificates } };
}

function start(settings: Settings): Promise<ClientServer> {
  const { logger } = createQuietLogger();
  return ClientServer.start(complete(settings), {
    logger,
    memory: SharedMemory.create(1),
    workers: 1,
  });
}

function sign(
  target: string,
  { port, key = USER, method = "GET" }: { port: number; key?: typeof USER; method?: string },
): Header[] {
  return signHeaders({
    method,
    target,
    headers: [["host", `127.0.0.1:${port}`]],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  }).headers;
}

async function getStatus(destination: Destination, key = USER): Promise<number> {
  const headers = sign("/mine/key", { ...destination, key });
  const { status } = await request({ ...destination, method: "GET", target: "/mine/key", headers });
  return status;
}

/**
 * Resolves once the listener that was replaced has closed: in the millisecond that this takes it may still get
 * connections, and resets them.
 */
async function closed(destination: Destination): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      for (let count = 0; count < 5; count++) await getStatus(destination);
      return;
    } catch {
      // Not yet.
    }
  }
}

/** More than either listener sends in one piece. */
const SLOW_BYTES = 1 << 20;
const SLOW_HALF = new Uint8Array(SLOW_BYTES / 2);

/** A backend that sends half of a body and waits for the gate. */
function startSlowBackend(gate: Gate): RecordingBackend {
  return startRecordingBackend(({ target }) => ({
    ...(target === "/mine/slow"
      ? {
        send: [
          `HTTP/1.1 200 OK\r\nContent-Length: ${SLOW_BYTES}\r\n\r\n`,
          SLOW_HALF,
          gate,
          SLOW_HALF,
        ],
      }
      : {}),
  }));
}

testListeners("a reload leaves requests in flight what they have met", async (listener) => {
  const gate = new Gate();
  await using before = startSlowBackend(gate);
  await using after = startRecordingBackend();
  const server = await start({ listener, backend: before });
  const { port } = server;
  using connection = await connectRaw({ port });
  const headers = sign("/mine/slow", { port });
  await connection.write(formatRequestHead({ method: "GET", target: "/mine/slow", port, headers }));
  const head = await connection.readHead();
  assert.equal(head?.status, 200);

  await server.apply(complete({ listener, backend: after, secretKey: "renewed-secret-of-tests" }));
  assert.equal(await getStatus({ port }), 403, "A17");
  assert.equal(await getStatus({ port }, { ...USER, secretKey: "renewed-secret-of-tests" }), 200);
  assert.equal(after.requests.length, 1);
  const [slow] = before.requests;
  gate.open();
  assert.equal((await connection.readBody(head)).body.length, SLOW_BYTES);
  assert.equal(before.requests.length, 1);
  connection.close();
  await slow?.connectionClosed; // its pool is closed once nobody uses it
  await server.drain(5_000);
});

testListeners("a reload keeps connections to the backend that still fit", async (listener) => {
  await using backend = startRecordingBackend();
  const server = await start({ listener, backend });
  for (let reload = 0; reload < 5; reload++) {
    assert.equal(await getStatus({ port: server.port }), 200);
    await server.apply(complete({ listener, backend }));
  }
  assert.equal(backend.connections, 1);
  await server.drain(5_000);
});

testListeners("R6 a reload that cannot be put to use changes nothing", async (listener) => {
  await using backend = startRecordingBackend();
  await using other = startRecordingBackend();
  const server = await start({ listener, backend });
  const certificates = { authorities: ["-----BEGIN CERTIFICATE-----\nx\n"] };
  const broken = { listener, backend: other, secretKey: "renewed-secret-of-tests" };
  await assert.rejects(server.apply(complete({ ...broken, certificates })));
  assert.equal(await getStatus({ port: server.port }), 200);
  assert.equal(other.requests.length, 0);
  await server.drain(5_000);
});

testListeners("a renewed certificate is served at once, on the same port", async (listener) => {
  const gate = new Gate();
  await using backend = startSlowBackend(gate);
  const server = await start({ listener, backend, certificates: { server: FIRST } });
  const { port } = server;
  using connection = await connectRaw({ port, caCert: FIRST.cert });
  const headers = sign("/mine/slow", { port });
  await connection.write(formatRequestHead({ method: "GET", target: "/mine/slow", port, headers }));
  const head = await connection.readHead();
  assert.ok(head !== undefined);

  await server.apply(complete({ listener, backend, certificates: { server: RENEWED } }));
  await closed({ port, caCert: RENEWED.cert });
  for (let count = 0; count < 10; count++) {
    assert.equal(await getStatus({ port, caCert: RENEWED.cert }), 200);
  }
  await assert.rejects(getStatus({ port, caCert: FIRST.cert }));
  gate.open();
  assert.equal((await connection.readBody(head)).body.length, SLOW_BYTES, "what ran went on");
  connection.close();
  assert.equal(await server.drain(5_000), 0);
});

testListeners("an upload that runs when a certificate is renewed is finished", async (listener) => {
  await using backend = startRecordingBackend();
  const server = await start({ listener, backend, certificates: { server: FIRST } });
  const { port } = server;
  using connection = await connectRaw({ port, caCert: FIRST.cert });
  const headers = [...sign("/mine/k", { port, method: "PUT" }), ["Content-Length", "10"]] as const;
  await connection.write(formatRequestHead({ method: "PUT", target: "/mine/k", port, headers }));
  await connection.write("hello");
  const seen = await backend.nextRequest();
  await server.apply(complete({ listener, backend, certificates: { server: RENEWED } }));
  await connection.write("world");
  assert.equal((await connection.readResponse()).status, 200);
  assert.equal(new TextDecoder().decode(seen.body), "helloworld");
  connection.close();
  await closed({ port, caCert: RENEWED.cert });
  assert.equal(await server.drain(5_000), 0);
});

Deno.test("a reload that changes server.listen_addr listens where it did, also with another listener", async () => {
  await using backend = startRecordingBackend();
  const server = await start({ listener: "serve", backend });
  const { port } = server;
  const elsewhere = { listen_addr: "203.0.113.9:1" };
  await server.apply(complete({ listener: "hardened", backend, server: elsewhere }));
  await closed({ port });
  assert.equal(server.port, port);
  assert.equal(await getStatus({ port }), 200);
  await server.drain(5_000);
});

Deno.test("a reload may change the listener itself", async () => {
  await using backend = startRecordingBackend();
  const server = await start({ listener: "serve", backend });
  const { port } = server;
  const hardened = { listener: "hardened", backend, server: { max_header_bytes: 4096 } } as const;
  await server.apply(complete(hardened));
  await closed({ port });
  const headers: Header[] = [["x-long", "x".repeat(8000)]];
  const { status } = await request({ port, method: "GET", target: "/mine/key", headers });
  assert.equal(status, 431);
  assert.equal(await getStatus({ port }), 200);
  await server.drain(5_000);
});
