/** A bucket's own CORS rules, as one thread has remembered them and another has changed them; and how long it remembers. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { SharedMemory } from "../../src/lib/shared_memory.ts";
import { LIMITS } from "../../src/limits.ts";
import { ClientServer } from "../../src/server/client_server.ts";
import {
  ALICE,
  type ListenerName,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { createQuietLogger } from "../support/quiet_logger.ts";
import { request } from "../support/raw_client.ts";
import {
  formatResponse,
  type RecordingBackend,
  type Respond,
  startRecordingBackend,
} from "../support/recording_backend.ts";
import { advanceMonotonicClock } from "../support/shifted_clock.ts";
import { signHeaders } from "../support/signer.ts";

const RULES =
  "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>" +
  "</CORSRule></CORSConfiguration>";
const ALLOWED = undefined;
const REFUSED = "AccessForbidden";

/** A backend whose answer to GetBucketCors is `found()`: a document, or a status. */
function answering(found: () => string | number): Respond {
  return ({ method, target }) => {
    if (method !== "GET" || !target.includes("?cors")) return {};
    const answer = found();
    return {
      send: [formatResponse(typeof answer === "string" ? { body: answer } : { status: answer })],
    };
  };
}

/** The code that a preflight is refused with; {@linkcode ALLOWED} where it is not. */
async function preflight(port: number, bucket = "mine"): Promise<string | undefined> {
  const { errorCode } = await request({
    port,
    method: "OPTIONS",
    target: `/${bucket}/k`,
    headers: [
      ["host", `127.0.0.1:${port}`],
      ["origin", "https://app.example"],
      ["access-control-request-method", "PUT"],
    ],
  });
  return errorCode;
}

/** The program's threads, as its workers are, in this one. */
async function startThreads(
  listener: ListenerName,
  backend: RecordingBackend,
): Promise<[ClientServer, ClientServer]> {
  const text = JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: `http://127.0.0.1:${backend.port}`,
    },
    server: { listen_addr: "127.0.0.1:0", listener },
    users: [{ access_key: ALICE.accessKey, secret_key: ALICE.secretKey, allowed_buckets: ["*"] }],
  });
  const { config } = parseConfig(text, {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  const complete = {
    config,
    certificates: { server: undefined, client: undefined, authorities: [] },
  };
  const { logger } = createQuietLogger();
  const memory = SharedMemory.create(2);
  const other = new SharedMemory({ buffer: memory.buffer, row: 1 });
  return [
    await ClientServer.start(complete, { logger, memory, workers: 2 }),
    await ClientServer.start(complete, { logger, memory: other, workers: 2 }),
  ];
}

async function change(
  port: number,
  { method, target, body }: { method: string; target: string; body?: string },
): Promise<void> {
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", `127.0.0.1:${port}`]],
    ...ALICE,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const { status, text } = await request({ port, method, target, headers, body });
  assert.ok(status < 300, text);
}

testListeners("what one thread has changed counts at once in another", async (listener) => {
  let found: string | number = 404;
  await using backend = startRecordingBackend(answering(() => found));
  const [one, other] = await startThreads(listener, backend);
  const ports = [one.port, other.port];
  const askAll = (): Promise<(string | undefined)[]> =>
    Promise.all(ports.map((port) => preflight(port)));
  assert.deepEqual(await askAll(), [REFUSED, REFUSED]);
  found = RULES;
  assert.deepEqual(await askAll(), [REFUSED, REFUSED], "each thread remembers");
  await change(one.port, { method: "PUT", target: "/mine?cors", body: RULES });
  assert.deepEqual(await askAll(), [ALLOWED, ALLOWED]);
  found = 404;
  assert.deepEqual(await askAll(), [ALLOWED, ALLOWED], "each thread remembers");
  await change(other.port, { method: "DELETE", target: "/mine?cors" });
  assert.deepEqual(await askAll(), [REFUSED, REFUSED]);
  found = RULES;
  await change(one.port, { method: "DELETE", target: "/mine" });
  assert.deepEqual(await askAll(), [ALLOWED, ALLOWED], "a bucket that is gone has no rules left");
  await Promise.all([one, other].map((server) => server.drain(5_000)));
});

for (
  const [name, before, rememberedMs] of [
    ["bucketCorsLifetimeMs", 404, LIMITS.bucketCorsLifetimeMs],
    ["bucketCorsFailureMs", 500, LIMITS.bucketCorsFailureMs],
  ] as const
) {
  testListeners(
    `what is changed around the proxy counts after ${name}, and not before`,
    async (listener) => {
      let found: string | number = before;
      await using proxy = await ProxyUnderTest.start({
        listener,
        respond: answering(() => found),
      });
      assert.equal(await preflight(proxy.port), REFUSED);
      found = RULES;
      advanceMonotonicClock(rememberedMs / 2);
      assert.equal(await preflight(proxy.port), REFUSED);
      advanceMonotonicClock(rememberedMs / 2 + 1);
      assert.equal(await preflight(proxy.port), ALLOWED);
    },
  );
}
