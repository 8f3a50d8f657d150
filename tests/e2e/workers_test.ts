/** Workers that fail and hang, and the end of the program. */

import assert from "node:assert/strict";
import { beforeDeadline } from "../support/deadline.ts";
import { Gate } from "../support/gate.ts";
import type { RawConnection } from "../support/raw_client.ts";
import type { Respond } from "../support/recording_backend.ts";
import { RuntimeChild } from "./support/runtime_child.ts";

const RESTARTS = "s3_proxy_worker_restarts_total";
/** That all of them are one worker's is as likely as 16 coins that show the same side. */
const CONNECTIONS = 16;

/** More than a listener sends in one piece. */
const SLOW_BYTES = 1 << 20;
const SLOW_HALF = new Uint8Array(SLOW_BYTES / 2);
/** How the program may be run. */
const SERVERS = [
  { workers: 1, listener: "serve" },
  { workers: 2, listener: "serve" },
  { workers: 2, listener: "hardened" },
] as const;

/** `…/slow` sends half of its body and waits for the gate, `…/held` waits before its head. */
function respondSlowly(gate: Gate): Respond {
  return ({ target }) => ({
    ...(target.endsWith("/slow")
      ? {
        send: [
          `HTTP/1.1 200 OK\r\nContent-Length: ${SLOW_BYTES}\r\n\r\n`,
          SLOW_HALF,
          gate,
          SLOW_HALF,
        ],
      }
      : target.endsWith("/held")
      ? { send: [gate] }
      : {}),
  });
}

for (const fault of ["throw", "reject"]) {
  Deno.test(`a worker that fails (${fault}) is replaced; the other answers all along`, async () => {
    await using proxy = await RuntimeChild.start({ isFaulty: true });
    const connections = await openConnections(proxy);
    const [victim, ...others] = connections;
    assert.ok(victim !== undefined);
    await proxy.sendOn(victim, { target: `/mine/break-${fault}` }).catch(() => {});
    await proxy.logged("a worker has failed");
    assert.ok(proxy.log.includes("on purpose"));
    const survived = await Promise.all(others.map((connection) => answers(proxy, connection)));
    assert.ok(survived.includes(true), "the other worker keeps its connections");

    assert.equal(await proxy.readMetric(RESTARTS), 1);
    while (await proxy.readMetric("s3_proxy_workers") < 2);
    for (let count = 0; count < CONNECTIONS; count++) {
      assert.equal((await proxy.send({ target: "/mine/key" })).status, 200);
    }
    for (const connection of connections) connection.close();
    proxy.signal("SIGTERM");
    assert.equal(await proxy.ended(), 0);
  });
}

Deno.test("a worker that hangs is replaced; the other answers until the program has to be started anew", async () => {
  const gate = new Gate();
  await using proxy = await RuntimeChild.start({ isFaulty: true, respond: respondSlowly(gate) });
  const [victim, ...others] = await openConnections(proxy);
  assert.ok(victim !== undefined);
  const startedMs = Date.now();
  await victim.write(proxy.formatRequest({ target: "/mine/break-hang" }));
  await proxy.logged("a worker has hung");
  console.log(`a hung worker was found after ${Date.now() - startedMs} ms`);
  assert.equal(await proxy.readMetric(RESTARTS), 1);
  while (await proxy.readMetric("s3_proxy_workers") < 2);

  // Those of the hung worker will never be answered; the others are, all along.
  let answered = 0;
  const first = await Promise.race(others.map(async (connection) => {
    await proxy.sendOn(connection, { target: "/mine/key" });
    answered++;
    return connection;
  }));
  for (let count = 0; count < 100; count++) {
    assert.equal((await proxy.sendOn(first, { target: "/mine/key" })).status, 200);
  }
  assert.ok(answered > 0);
  await first.write(proxy.formatRequest({ target: "/mine/slow" }));
  const head = await first.readHead();
  assert.equal(head?.status, 200);
  await proxy.logged("a worker has hung for good");
  gate.open();
  assert.equal((await first.readBody(head)).body.length, SLOW_BYTES);
  assert.equal(await proxy.ended(), 1);
  for (const connection of [victim, ...others]) connection.close();
});

for (const server of SERVERS) {
  const name = Object.values(server).join(" ");
  Deno.test(`SIGTERM: not ready, no new connections, and what runs is finished [${name}]`, async () => {
    const gate = new Gate();
    await using proxy = await RuntimeChild.start({
      server,
      respond: respondSlowly(gate),
    });
    assert.deepEqual(await proxy.readAdmin("/readyz"), { status: 200, text: "ok\n" });
    const connections = await openConnections(proxy);
    const heads = await Promise.all(connections.map(async (connection) => {
      await connection.write(proxy.formatRequest({ target: "/mine/slow" }));
      const head = await connection.readHead();
      assert.ok(head !== undefined);
      return head;
    }));
    proxy.signal("SIGTERM");
    await proxy.logged('"msg":"stopping"');
    assert.deepEqual(await proxy.readAdmin("/readyz"), { status: 503, text: "draining\n" });
    await assert.rejects(proxy.send({ target: "/mine/key" }));
    gate.open();
    for (const [index, connection] of connections.entries()) {
      const head = heads[index];
      assert.ok(head !== undefined);
      assert.equal((await connection.readBody(head)).body.length, SLOW_BYTES);
    }
    assert.equal(await proxy.ended(), 0);
    assert.match(proxy.log, /"msg":"stopped","requests_cut":false/);
    assert.equal(proxy.log.match(/"path":"\/mine\/slow","status":200/g)?.length, CONNECTIONS);
    for (const connection of connections) connection.close();
  });

  Deno.test(`SIGTERM: uploads that are on their way are finished [${name}]`, async () => {
    await using proxy = await RuntimeChild.start({ server });
    const connections = await openConnections(proxy);
    const head = proxy.formatRequest({ method: "PUT", target: "/mine/upload" });
    for (const connection of connections) {
      await connection.write(
        head.replace("\r\n\r\n", `\r\ncontent-length: ${SLOW_BYTES}\r\n\r\n`),
      );
      await connection.write(SLOW_HALF);
    }
    const uploads = proxy.backend.requests.filter(({ method }) => method === "PUT");
    while (uploads.length < CONNECTIONS) {
      const request = await proxy.backend.nextRequest();
      if (request.method === "PUT" && !uploads.includes(request)) uploads.push(request);
    }
    proxy.signal("SIGTERM");
    await proxy.logged('"msg":"stopping"');
    for (const connection of connections) {
      await connection.write(SLOW_HALF);
      assert.equal((await connection.readResponse()).status, 200);
      connection.close();
    }
    assert.equal(await proxy.ended(), 0);
    assert.deepEqual(uploads.map(({ bodyBytes }) => bodyBytes), uploads.map(() => SLOW_BYTES));
  });

  Deno.test(`SIGTERM: what takes longer than shutdown_timeout is cut, and counted [${name}]`, async () => {
    const gate = new Gate();
    await using proxy = await RuntimeChild.start({
      server: { ...server, shutdown_timeout: "500ms" },
      respond: respondSlowly(gate),
    });
    using connection = await proxy.connect();
    await connection.write(proxy.formatRequest({ target: "/mine/slow" }));
    const head = await connection.readHead();
    using held = await proxy.connect();
    await held.write(proxy.formatRequest({ target: "/mine/held" }));
    while (proxy.backend.requests.every(({ target }) => target !== "/mine/held")) {
      await proxy.backend.nextRequest();
    }
    proxy.signal("SIGTERM");
    assert.equal(await proxy.ended(), 0);
    assert.match(proxy.log, /requests were cut.*"requests":2/);
    const lines = proxy.log.split("\n").filter((line) => line.includes('"shutdown_timeout"'));
    assert.equal(lines.length, 2, proxy.log);
    assert.match(lines.join("\n"), /"user":"admin-key".*"path":"\/mine\/slow","status":200,/);
    assert.match(lines.join("\n"), /"user":"admin-key".*"path":"\/mine\/held","status":503,/);
    assert.ok(head !== undefined);
    assert.equal((await connection.readBody(head)).bodyEnd, "broken");
  });

  Deno.test(`a second signal ends the program at once with status 1 [${name}]`, async () => {
    const gate = new Gate();
    await using proxy = await RuntimeChild.start({
      server: { ...server, shutdown_timeout: "1h" },
      respond: respondSlowly(gate),
    });
    using connection = await proxy.connect();
    await connection.write(proxy.formatRequest({ target: "/mine/slow" }));
    await connection.readHead();
    proxy.signal("SIGTERM");
    await proxy.logged('"msg":"stopping"');
    proxy.signal("SIGINT");
    assert.equal(await proxy.ended(), 1);
  });
}

/** Kept-alive connections, each of them used once. */
async function openConnections(proxy: RuntimeChild): Promise<RawConnection[]> {
  return await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    const connection = await proxy.connect();
    assert.equal((await proxy.sendOn(connection, { target: "/mine/key" })).status, 200);
    return connection;
  }));
}

/** Whether `connection` is still there; if so, twenty requests on it are answered. */
async function answers(proxy: RuntimeChild, connection: RawConnection): Promise<boolean> {
  for (let count = 0; count < 20; count++) {
    const sent = proxy.sendOn(connection, { target: "/mine/key" });
    const response = await beforeDeadline(sent, "an answer").catch((error: unknown) => error);
    if (response instanceof Error) {
      assert.equal(count, 0, String(response)); // it went with its worker
      return false;
    }
    assert.equal((await sent).status, 200);
  }
  return true;
}
