/** P11: what a client that leaves at an odd moment takes with it: nothing of anybody else's. */

import assert from "node:assert/strict";
import { Gate } from "../support/gate.ts";
import { ADMIN, type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

const SLOW: Key = { accessKey: "slow-key", secretKey: "slow-secret-of-the-tests" };
/** Bytes a second of this user: an answer is over only when its last bytes are due. */
const RATE = 320 * 1024;
/** Comes in one piece, which is a quarter of a second's, and is above what goes out in one write. */
const LISTING = `<ListBucketResult>${"<A>x</A>".repeat(70 * 128)}</ListBucketResult>`;
const LISTINGS = 12;

/** Has a listing, and not been told yet that it is over. */
async function list(proxy: ProxyUnderTest): Promise<RawConnection> {
  const connection = await connectRaw(proxy.destination);
  const [method, target] = ["GET", "/mine?list-type=2"];
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", proxy.host]],
    ...SLOW,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  await connection.write(formatRequestHead({ method, target, headers, port: proxy.port }));
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
