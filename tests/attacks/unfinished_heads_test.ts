/** X6: heads and handshakes that never end hold no more than a bound, and nobody else's request waits for them. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { formatSigned, startHardened } from "../support/hardened_listener.ts";
import { connectRaw, type RawConnection } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

Deno.test("X6 unfinished heads hold no more than a bound: who has held longest is closed", async () => {
  await using proxy = await startHardened(
    { workers: 1 },
    { respond: () => ({ send: [formatResponse({ body: "small" })] }) },
  );
  const begun = "GET /mine/k HTTP/1.1\r\nHost: h\r\nA: ".padEnd(LIMITS.maxHeaderBytes - 1024, "a");
  const count = Math.ceil(LIMITS.unfinishedHeadBytesMax / LIMITS.maxHeaderBytes) + 8;
  const connections: RawConnection[] = [];
  // One that came before them, and whose head goes on when they are there.
  const slow = await connectRaw(proxy.destination);
  const head = formatSigned(proxy);
  await slow.write(head.slice(0, 20));
  for (let index = 0; index < count; index++) {
    const connection = await connectRaw(proxy.destination);
    connections.push(connection);
    await connection.write(begun);
  }
  await connections[0]?.closed();
  await slow.write(head.slice(20));
  assert.equal((await slow.readResponse()).text, "small");
  const last = connections.at(-1);
  assert.ok(last);
  await last.write("\r\n\r\n");
  assert.equal((await last.readResponse()).status, 403);
  for (const connection of [slow, ...connections]) connection.close();
});

Deno.test("X6 unfinished TLS handshakes hold no more than a bound: who has held longest is closed", async () => {
  await using proxy = await startHardened(
    { workers: 1 },
    { tls: true, respond: () => ({ send: [formatResponse({ body: "small" })] }) },
  );
  const count = Math.ceil(LIMITS.unfinishedHeadBytesMax / LIMITS.tlsReadBytes) + 8;
  const silent: RawConnection[] = [];
  for (let index = 0; index < count; index++) silent.push(await connectRaw({ port: proxy.port }));
  await silent[0]?.closed();
  assert.equal((await proxy.send({ target: "/mine/k" })).text, "small");
  for (const connection of silent) connection.close();
});
