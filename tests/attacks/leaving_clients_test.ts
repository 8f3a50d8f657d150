/** P11: what a client that leaves at an odd moment takes with it: nothing of anybody else's. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import {
  ADMIN,
  ALICE,
  type Key,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

const SLOW: Key = { accessKey: "slow-key", secretKey: "slow-secret-of-the-tests" };
/** Bytes a second of this user: an answer is over only when its last bytes are due. */
const RATE = 320 * 1024;
/** Comes in one piece, which is a quarter of a second's, and is above what goes out in one write. */
const LISTING = `<ListBucketResult>${"<A>x</A>".repeat(70 * 128)}</ListBucketResult>`;
const LISTINGS = 12;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a GET, and reads no answer. */
async function open(
  proxy: ProxyUnderTest,
  { target, key }: { target: string; key: Key },
): Promise<RawConnection> {
  const connection = await connectRaw(proxy.destination);
  const method = "GET";
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", proxy.host]],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  await connection.write(formatRequestHead({ method, target, headers, port: proxy.port }));
  return connection;
}

/** Has a listing, and not been told yet that it is over. */
async function list(proxy: ProxyUnderTest): Promise<RawConnection> {
  const connection = await open(proxy, { target: "/mine?list-type=2", key: SLOW });
  const head = await connection.readHead();
  assert.equal(head?.status, 200);
  await connection.readBody(head);
  await proxy.backend.nextRequest();
  return connection;
}

testListeners(
  "P11 a client that leaves before its answer is over breaks no request that has its connection by then",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ target }) => ({
        send: target.startsWith("/mine?")
          ? [formatResponse({ body: LISTING })]
          : [gate, formatResponse()],
      }),
      settings: {
        users: [{
          access_key: SLOW.accessKey,
          secret_key: SLOW.secretKey,
          allowed_buckets: ["mine"],
          limits: { bytes_per_second: { out: RATE } },
        }],
      },
    });
    const leaving: RawConnection[] = [];
    leaving.push(...await Promise.all(Array.from({ length: LISTINGS - 1 }, () => list(proxy))));
    leaving.push(await list(proxy));
    const answered = proxy.send({
      method: "PUT",
      target: "/mine/k?tagging",
      key: ADMIN,
      body: "<Tagging><TagSet/></Tagging>",
    });
    const other = await proxy.backend.nextRequest();
    for (const connection of leaving) connection.close();
    const timer = setTimeout(() => gate.open(), 300);
    void other.connectionClosed.then(() => gate.open());
    await gate.opened;
    clearTimeout(timer);
    assert.equal((await answered).status, 200);
    assert.equal(proxy.backend.requests.length, LISTINGS + 1);
  },
);

/** One of the backend's pages, which is too long to go out in one write; another follows. */
const PAGE = `<ListMultipartUploadsResult>${
  Array.from(
    { length: 1000 },
    (_, index) =>
      `<Upload><Key>${String(index).padStart(200, "k")}</Key><UploadId>u</UploadId></Upload>`,
  ).join("")
}<IsTruncated>true</IsTruncated><NextKeyMarker>m</NextKeyMarker></ListMultipartUploadsResult>`;
const LAST_PAGE =
  "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>";

testListeners(
  "P11 a client that leaves while the next page of its list is asked for leaves no connection taken",
  async (listener) => {
    const gates: Gate[] = [];
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ target }) => {
        if (!target.includes("uploads")) return {};
        if (!target.includes("key-marker")) return { send: [formatResponse({ body: PAGE })] };
        const gate = new Gate();
        gates.push(gate);
        return { send: [gate, formatResponse({ body: LAST_PAGE })] };
      },
      settings: {
        server: { workers: 1 },
        backend: { max_connections: 4, connect_timeout: "2s" },
      },
    });
    for (let count = 0; count < 6; count++) {
      const leaving = await open(proxy, {
        target: "/mine?delimiter=%2F&uploads",
        key: count % 2 === 0 ? ALICE : ADMIN,
      });
      assert.equal((await leaving.readHead())?.status, 200, `list ${count}`);
      await proxy.backend.nextRequest();
      await proxy.backend.nextRequest();
      leaving.close();
      await wait(50); // the proxy has seen it, and the backend answers all the same
      gates.at(-1)?.open();
      await wait(50);
    }
    assert.equal((await proxy.send({ target: "/mine/k" })).status, 200);
  },
);
