/** X5 to X8: what one user, or a stranger, holds of what all share, beside a quiet user whose requests all succeed. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import {
  ADMIN,
  ALICE,
  NOBODY,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

/** Of the backend's connections and of requests in flight. */
const MAX = 8;
const SETTINGS = {
  server: { max_in_flight_requests: 4 * MAX, workers: 1 },
  backend: { max_connections: MAX, connect_timeout: "300ms" },
};

/** Sends a request of `key`, and reads no answer. */
async function open(
  proxy: ProxyUnderTest,
  { target, key, method = "GET" }: { target: string; key?: typeof ALICE; method?: string },
): Promise<RawConnection> {
  const connection = await connectRaw(proxy.destination);
  const host = ["host", proxy.host] as const;
  const headers = key === undefined ? [host] : signHeaders({
    method,
    target,
    headers: [host],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  }).headers;
  await connection.write(formatRequestHead({ method, target, headers, port: proxy.port }));
  return connection;
}

/** A backend whose answers to `/mine/held` stop after their first bytes until `gate` opens. */
function holdDownloads(gate: Gate): Respond {
  return ({ target }) =>
    target === "/mine/held"
      ? {
        send: ["HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nfirst bytes", gate],
        close: true,
      }
      : { send: [formatResponse({ body: "small" })] };
}

testListeners(
  "X7 standing downloads of one user leave others as many connections",
  async (listener) => {
    const gate = new Gate();
    const respond = holdDownloads(gate);
    await using proxy = await ProxyUnderTest.start({ listener, respond, settings: SETTINGS });
    const standing: RawConnection[] = [];
    for (let count = 0; count < MAX; count++) {
      standing.push(await open(proxy, { target: "/mine/held", key: ALICE }));
    }
    for (let count = 0; count < MAX / 2; count++) {
      assert.equal((await proxy.backend.nextRequest()).target, "/mine/held");
    }
    for (let count = 0; count < 3; count++) {
      const { status, text } = await proxy.send({ target: "/mine/k", key: ADMIN });
      assert.deepEqual({ status, text }, { status: 200, text: "small" });
    }
    // Those that found no connection are told to come again; the others were answered.
    const statuses = await Promise.all(
      standing.map(async (connection) => (await connection.readHead())?.status),
    );
    assert.deepEqual(statuses.toSorted(), [200, 200, 200, 200, 503, 503, 503, 503]);
    const held = proxy.backend.requests.filter(({ target }) => target === "/mine/held");
    assert.equal(held.length, MAX / 2);
    for (const connection of standing) connection.close();
    gate.open();
  },
);

testListeners(
  "X8 a flood of one user: who comes later does not wait behind it",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: async ({ target }) => {
        if (target === "/mine/flood") await gate.opened;
        return { send: [formatResponse({ body: "small" })] };
      },
      settings: { ...SETTINGS, backend: { ...SETTINGS.backend, connect_timeout: "60s" } },
    });
    const flood: RawConnection[] = [];
    for (let count = 0; count < MAX + MAX / 2; count++) {
      flood.push(await open(proxy, { target: "/mine/flood", key: ALICE }));
    }
    for (let count = 0; count < MAX / 2; count++) await proxy.backend.nextRequest();
    assert.equal((await proxy.send({ target: "/mine/k", key: ADMIN })).status, 200);
    assert.deepEqual(
      proxy.backend.requests.map(({ target }) => target),
      [...Array.from({ length: MAX / 2 }, () => "/mine/flood"), "/mine/k"],
    );
    gate.open();
    for (const connection of flood) {
      assert.equal((await connection.readResponse()).status, 200);
      connection.close();
    }
  },
);

testListeners(
  "X8 a user above the share of requests in flight gets SlowDown, others none",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: holdDownloads(gate),
      settings: { server: { max_in_flight_requests: MAX } },
    });
    const standing: RawConnection[] = [];
    for (let count = 0; count < MAX / 2; count++) {
      standing.push(await open(proxy, { target: "/mine/held", key: ALICE }));
      await proxy.backend.nextRequest();
    }
    const refused = await proxy.send({ target: "/mine/k", key: ALICE });
    assert.equal(refused.status, 503);
    assert.equal(refused.errorCode, "SlowDown");
    assert.equal(refused.header("retry-after"), "2");
    assert.equal(proxy.backend.requests.length, MAX / 2);
    assert.equal((await proxy.send({ target: "/mine/k", key: ADMIN })).status, 200);
    assert.match(await proxy.readLog(), /"reason":"share_of_requests"/);
    for (const connection of standing) connection.close();
    gate.open();
  },
);

testListeners(
  "X6 requests without a key, or of nobody's, never use up a user's slots",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: () => ({ send: [formatResponse({ body: "small" })] }),
      // Few against a hundred strangers, and enough for a slot that is given back a moment after its answer came.
      settings: { server: { max_in_flight_requests: 4 } },
    });
    const strangers: RawConnection[] = [];
    for (let count = 0; count < 50; count++) {
      strangers.push(await open(proxy, { target: `/mine/${"k".repeat(1000)}` }));
      strangers.push(await open(proxy, { target: "/mine/k", key: NOBODY }));
      assert.equal(
        (await proxy.send({ target: "/mine/k" })).status,
        200,
        `after ${count} strangers`,
      );
    }
    for (const connection of strangers) {
      assert.equal((await connection.readHead())?.status, 403);
      connection.close();
    }
  },
);

testListeners("X6 preflights that wait hold none of the users' slots", async (listener) => {
  const slots = 2;
  const gate = new Gate();
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: ({ target }) =>
      target.includes("?cors")
        ? { send: [gate, formatResponse({ status: 404 })] }
        : { send: [formatResponse({ body: "small" })] },
    settings: { server: { max_in_flight_requests: slots } },
  });
  // One address has no more of the slots for strangers than it leaves free.
  const waiting = Array.from({ length: slots - 1 }, (_, at) =>
    proxy.sendRaw({
      method: "OPTIONS",
      target: `/bucket-${at}/k`,
      headers: [
        ["host", proxy.host],
        ["origin", "https://page.test"],
        ["access-control-request-method", "PUT"],
      ],
    }));
  for (const _ of waiting) await proxy.backend.nextRequest();
  for (let count = 0; count < 2 * slots; count++) {
    assert.equal((await proxy.send({ target: "/mine/k" })).status, 200);
  }
  gate.open();
  await Promise.all(waiting);
});

/** 1 MB that is 6 MB when it is written again. */
const LONG_UPLOAD_ID = `<InitiateMultipartUploadResult><UploadId>${
  '"'.repeat(1_000_000)
}</UploadId></InitiateMultipartUploadResult>`;

testListeners("X5 an answer made here that nobody reads holds no slot", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: ({ target }) => ({
      send: [formatResponse({ body: target.includes("?uploads") ? LONG_UPLOAD_ID : "small" })],
    }),
    settings: { server: { max_in_flight_requests: 1 }, backend: { max_connections: 1 } },
  });
  const unread: RawConnection[] = [];
  for (let count = 0; count < 2; count++) {
    const connection = await open(proxy, { target: "/mine/k?uploads", key: ADMIN, method: "POST" });
    unread.push(connection);
    assert.equal((await connection.readHead())?.status, 200);
    assert.equal(
      (await proxy.send({ target: "/mine/k" })).status,
      200,
      `beside ${count + 1} unread`,
    );
  }
  for (const connection of unread) connection.close();
});
