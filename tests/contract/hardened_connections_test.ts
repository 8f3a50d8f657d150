/**
 * How connections of the hardened listener begin and end: half-closed ones, resets at each state, IPv6, and listeners that
 * are replaced.
 */

import assert from "node:assert/strict";
import { encodeUtf8 } from "../../src/lib/bytes.ts";
import { LIMITS } from "../../src/limits.ts";
import type { RawRequest } from "../../src/s3/request.ts";
import { createHardenedListener } from "../../src/server/hardened_listener.ts";
import type { Listener } from "../../src/server/listener.ts";
import { TEST_CERTIFICATE, TEST_PRIVATE_KEY } from "../support/certificate.ts";
import { Gate } from "../support/gate.ts";
import { formatSigned, startHardened, TARGET } from "../support/hardened_listener.ts";
import { connectRaw } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

function listen(
  { hostname = "127.0.0.1", port = 0, tls = false, seen = () => Promise.resolve() }: {
    hostname?: string;
    port?: number;
    tls?: boolean;
    seen?: (raw: RawRequest) => Promise<void>;
  },
): Listener {
  return createHardenedListener({
    hostname,
    port,
    tls: tls ? { cert: TEST_CERTIFICATE, key: TEST_PRIVATE_KEY } : undefined,
    reusePort: true,
    maxHeaderBytes: LIMITS.maxHeaderBytes,
    readTimeoutMs: undefined,
    writeTimeoutMs: undefined,
    idleTimeoutMs: undefined,
    connectionsMax: LIMITS.connectionsMax,
  }, async (raw) => {
    await seen(raw);
    const body = encodeUtf8("ok");
    return { answer: { status: 200, headers: [], body, code: undefined }, ended: () => {} };
  });
}

Deno.test("response headers are spelled as S3 spells them, and dated", async () => {
  const headers = [["etag", '"e"'], ["last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"]] as const;
  await using proxy = await startHardened({}, {
    respond: () => ({ send: [formatResponse({ headers, body: "x" })] }),
  });
  const { headers: sent } = await proxy.send({ target: TARGET });
  const names = sent.map(([name]) => name);
  for (const name of ["ETag", "Last-Modified", "Content-Length", "x-amz-request-id", "Date"]) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
});

Deno.test("a client that closes its sending side gets a small answer, and no large one", async () => {
  const gate = new Gate();
  const body = new Uint8Array(LIMITS.wholeResponseBytesMax + 1);
  await using proxy = await startHardened({}, {
    respond: () => ({ send: [gate, formatResponse({ body })] }),
  });
  using small = await connectRaw(proxy.destination);
  await small.write(GET);
  await small.closeWrite();
  assert.equal((await small.readResponse()).status, 200);
  await small.closed();
  using large = await connectRaw(proxy.destination);
  await large.write(formatSigned(proxy));
  const seen = await proxy.backend.nextRequest();
  await large.closeWrite();
  await seen.connectionClosed;
  await large.closed();
  gate.open();
  await proxy.stop();
  assert.match(await proxy.readLog(), /"status":499,"code":"client_closed"/);
});

/** Closing with bytes unread resets the connection. */
const STATES: readonly [state: string, sent: (head: string) => string, method: string][] = [
  ["inside a head", (head) => head.slice(0, 30), "GET"],
  ["behind a head", (head) => head, "GET"],
  ["inside an upload", (head) => `${head}abc`, "PUT"],
  ["behind a request and half of another", (head) => head + head.slice(0, 30), "GET"],
];
for (const [state, sent, method] of STATES) {
  Deno.test(`a connection that is reset ${state} takes nothing with it`, async () => {
    const body = new Uint8Array(3_000_000);
    await using proxy = await startHardened({ workers: 1 }, {
      respond: () => ({ send: [formatResponse({ body })] }),
    });
    const headers = method === "PUT" ? [["content-length", "10"]] as const : [];
    for (let round = 0; round < 3; round++) {
      const connection = await connectRaw(proxy.destination);
      await connection.write(GET + sent(formatSigned(proxy, { method, headers })));
      await connection.readHead();
      connection.close();
    }
    assert.equal((await proxy.send({ target: "/mine/other" })).body.length, body.length);
    assert.equal(await proxy.stop(), true);
    assert.doesNotMatch(await proxy.readLog(), /unexpected error/);
  });
}

Deno.test("IPv6: the client's address is its own", async () => {
  let address = "";
  const listener = listen({
    hostname: "::1",
    seen: (raw) => Promise.resolve(void (address = raw.clientAddress)),
  });
  const connection = await Deno.connect({ hostname: "::1", port: listener.port });
  await connection.write(encodeUtf8(GET));
  await connection.read(new Uint8Array(1000));
  connection.close();
  await listener.shutdown();
  assert.equal(address, "::1");
});

Deno.test("a listener that was replaced cuts nobody: idle connections are told with their next answer", async () => {
  const gate = new Gate();
  const seen = ({ target }: RawRequest): Promise<void> =>
    target === "/busy" ? gate.opened : Promise.resolve();
  const before = listen({ tls: true, seen });
  const destination = { port: before.port, caCert: TEST_CERTIFICATE };
  using idle = await connectRaw(destination);
  await idle.write(GET);
  assert.equal((await idle.readResponse()).header("connection"), undefined);
  using busy = await connectRaw(destination);
  await busy.write(GET.replace("/", "/busy"));
  const after = listen({ tls: true, port: before.port });
  const retired = before.retire?.();
  await idle.write(GET);
  assert.equal((await idle.readResponse()).header("connection"), "close");
  await idle.closed();
  gate.open();
  assert.equal((await busy.readResponse()).header("connection"), "close");
  await retired;
  // The kernel may still give the old one some while it closes.
  for (let count = 0; count < 20; count++) {
    using connection = await connectRaw(destination);
    await connection.write(GET);
    assert.equal((await connection.readResponse()).status, 200);
  }
  await after.shutdown();
});
