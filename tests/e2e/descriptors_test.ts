/** File descriptors that run out: no listener ends the program, or stays deaf once there are some again. */

import assert from "node:assert/strict";
import { connectRaw, type RawConnection, sendRaw } from "../support/raw_client.ts";
import { RuntimeChild } from "./support/runtime_child.ts";

const OPEN_FILES_MAX = 160;
/** Enough for every thread and listener to find nothing left. */
const CONNECTIONS = 200;
const PAUSED = "no connection can be accepted for now";

for (const listener of ["serve", "hardened"] as const) {
  Deno.test(`X10 descriptors exhausted by clients: accepting pauses and goes on [${listener}]`, async () => {
    await using proxy = await RuntimeChild.start({
      openFilesMax: OPEN_FILES_MAX,
      server: { listener, workers: 2 },
    });
    const idle = await connectMany(proxy.port);
    await proxy.logged(PAUSED);
    for (const connection of idle) connection.close();
    await retry(async () => assert.equal((await proxy.send({ target: "/mine/key" })).status, 200));
    assert.equal((await proxy.readAdmin("/healthz")).status, 200);
    assert.ok(proxy.log.split(PAUSED).length - 1 <= 3, "each thread says so once");
    assert.equal(await proxy.readMetric("s3_proxy_worker_restarts_total"), 0);
    proxy.signal("SIGTERM");
    assert.equal(await proxy.ended(), 0);
  });
}

Deno.test("X9 the operators' port takes any number of connections and the program goes on", async () => {
  await using proxy = await RuntimeChild.start({ openFilesMax: OPEN_FILES_MAX });
  const idle = await connectMany(proxy.adminPort);
  const head = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  assert.equal((await sendRaw(proxy.adminPort, head)).status, 200);
  assert.equal((await proxy.send({ target: "/mine/key" })).status, 200);
  for (const connection of idle) connection.close();
});

/** As many connections as the kernel gives; nobody says anything on them. */
async function connectMany(port: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  while (connections.length < CONNECTIONS) {
    try {
      connections.push(await connectRaw({ port }));
    } catch {
      // Refused: nobody listens there for a moment.
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (connections.length > 0) connections.push(...connections.slice(-1));
    }
  }
  return connections;
}

/** Until `attempt` succeeds, for a while. */
async function retry(attempt: () => Promise<void>): Promise<void> {
  for (let left = 20;; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
