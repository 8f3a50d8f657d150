/** What a reload does to the console: it opens, moves, closes, changes its certificate, and ends what goes on. */

import assert from "node:assert/strict";
import type { Certificates } from "../../src/config/certificates.ts";
import type { CompleteConfig } from "../../src/config/compile.ts";
import { parseConfig } from "../../src/config/load.ts";
import { SharedMemory } from "../../src/lib/shared_memory.ts";
import { LIMITS } from "../../src/limits.ts";
import { ConsoleServer } from "../../src/server/console_server.ts";
import {
  RENEWED_CERTIFICATE,
  RENEWED_PRIVATE_KEY,
  TEST_CERTIFICATE,
  TEST_PRIVATE_KEY,
} from "../support/certificate.ts";
import { followConsole } from "../support/console_client.ts";
import { findFreePort } from "../../src/server/free_port.ts";
import { PROGRAM_STATE } from "../support/program_state.ts";
import { createQuietLogger } from "../support/quiet_logger.ts";

Object.assign(LIMITS, { consoleStreamIntervalMs: 20 });

const KEY = { accessKey: "ops-key", secretKey: "ops-secret-of-the-tests" };
const LIVE = "/api/live?follow=1";
const FREE = { hostname: "127.0.0.1", port: 0 };

/** What a test may say of a configuration. */
interface Settings {
  readonly port?: number;
  readonly enabled?: boolean;
  readonly admins?: readonly string[];
  readonly user?: object;
  readonly certificate?: Certificates["console"];
}

function complete(
  { port = 0, enabled = true, admins = ["ops"], user = {}, certificate }: Settings,
): CompleteConfig {
  const text = JSON.stringify({
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: "https://backend.test",
    },
    users: [{ name: "ops", access_key: KEY.accessKey, secret_key: KEY.secretKey, ...user }],
    console: { enabled, address: `127.0.0.1:${port}`, admins },
  });
  const { config } = parseConfig(text, {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  });
  const certificates = {
    server: undefined,
    client: undefined,
    authorities: [],
    console: certificate,
  };
  return { config, certificates };
}

function createServer(clock = (): Date => new Date()): ConsoleServer {
  return new ConsoleServer({
    logger: createQuietLogger().logger,
    clock,
    monotonicMs: () => performance.now(),
    fetchDocument: () => assert.fail("there is no provider"),
    memory: SharedMemory.create(1),
    readProgram: () => PROGRAM_STATE,
  });
}

async function isRefused(port: number, code: string): Promise<void> {
  await using answer = await followConsole(port, LIVE, { key: KEY });
  assert.equal(JSON.parse(await answer.next() ?? "").error.code, code);
}

Deno.test("a reload opens the console, moves it, and closes it, whoever watches", async () => {
  const server = createServer();
  await server.apply(complete({ enabled: false }));
  assert.equal(server.port, undefined);
  const [first = 0, second = 0] = [FREE, FREE].map(findFreePort);
  await server.apply(complete({ port: first }));
  assert.equal(server.port, first);
  {
    await using live = await followConsole(first, LIVE, { key: KEY });
    assert.ok(await live.next());
    await server.apply(complete({ port: second }));
    while (await live.next() !== undefined); // it ends
  }
  await assert.rejects(Deno.connect({ port: first }));
  {
    await using live = await followConsole(second, LIVE, { key: KEY });
    assert.ok(await live.next());
    await server.apply(complete({ enabled: false }));
    while (await live.next() !== undefined);
  }
  await assert.rejects(Deno.connect({ port: second }));
  assert.equal(server.port, undefined);
});

for (
  const { what, change, code } of [
    { what: "is no administrator any more", change: { admins: [] }, code: "not_admin" },
    { what: "is disabled", change: { user: { enabled: false } }, code: "unknown_key" },
    {
      what: "has another key",
      change: { user: { access_key: "another-key" } },
      code: "unknown_key",
    },
  ]
) {
  Deno.test(`an administrator who by a reload ${what} gets nothing from then on`, async () => {
    const server = createServer();
    await server.apply(complete({}));
    const port = server.port ?? assert.fail();
    {
      await using live = await followConsole(port, LIVE, { key: KEY });
      assert.ok(await live.next());
      await server.apply(complete(change));
      await isRefused(port, code);
      let late = 0;
      for (; await live.next() !== undefined; late++);
      assert.ok(late <= 1, "no more than what was on its way");
    }
    await server.shutdown();
  });
}

Deno.test("a key that ends, and a signature that grows old, end what goes on without a reload", async () => {
  const ends = Date.now() + 60_000;
  const day = 86_400_000;
  for (
    const { expires, jump } of [{ expires: ends, jump: 61_000 }, {
      expires: ends + day,
      jump: 301_000,
    }]
  ) {
    let later = 0;
    const server = createServer(() => new Date(Date.now() + later));
    await server.apply(complete({ user: { expires_at: new Date(expires).toISOString() } }));
    {
      await using live = await followConsole(server.port ?? assert.fail(), LIVE, { key: KEY });
      for (let lines = 0; lines < 3; lines++) assert.ok(await live.next());
      later = jump;
      while (await live.next() !== undefined);
    }
    await server.shutdown();
  }
});

Deno.test("a reload gives the console a new certificate, on the same port", async () => {
  const server = createServer();
  const [first, renewed] = [
    { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY },
    { cert: RENEWED_CERTIFICATE, key: RENEWED_PRIVATE_KEY },
  ];
  await server.apply(complete({ certificate: first }));
  const port = server.port ?? assert.fail();
  const origin = `https://127.0.0.1:${port}`;
  const watch = async (certificate: typeof first): Promise<void> => {
    using client = Deno.createHttpClient({ caCerts: [certificate.cert] });
    await using live = await followConsole(port, LIVE, { key: KEY, origin, client });
    assert.ok(await live.next());
  };
  await watch(first);
  const isNotTrusted = ({ cause }: Error): boolean => /certificate/i.test(String(cause));
  await assert.rejects(watch(renewed), isNotTrusted);
  await server.apply(complete({ certificate: renewed }));
  assert.equal(server.port, port);
  // Who connects in the moment of the change may be cut off by the listener that goes.
  while (await watch(renewed).then(() => false, ({ cause }: Error) => /reset/.test(String(cause))));
  await watch(renewed);
  await assert.rejects(watch(first), isNotTrusted);
  await server.shutdown();
});
