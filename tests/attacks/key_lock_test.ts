/** Writers of one key that may only be created take turns: nobody else waits for them, and nobody's turn is lost. */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { changeLimits } from "../support/change_limits.ts";
import { Gate } from "../support/gate.ts";
import {
  type Key,
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { connectRaw, formatRequestHead, type RawConnection } from "../support/raw_client.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

const AGENT: Key = { accessKey: "agent-key", secretKey: "agent-secret-of-the-tests" };
const KEY = "/backups/copy";
const COPY: SignedRequest = {
  method: "PUT",
  target: KEY,
  headers: [["x-amz-copy-source", "backups/source"]],
  key: AGENT,
};
const COPIED = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";

function start(
  { listener, respond, backend = {} }: {
    listener: ListenerName;
    respond: Respond;
    backend?: Readonly<Record<string, unknown>>;
  },
): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    respond,
    settings: {
      backend,
      users: [{
        access_key: AGENT.accessKey,
        secret_key: AGENT.secretKey,
        grants: [{ access: "append-only", buckets: ["backups"] }],
      }],
    },
  });
}

/** A backend that copies when `gate` is open, and has the object from then on. */
function copyBehind(gate: Gate): Respond {
  let isThere = false;
  return ({ method, target }) => {
    if (method === "HEAD") {
      const status = target.startsWith(KEY) && !isThere ? 404 : 200;
      return { send: [formatResponse({ status })] };
    }
    void gate.opened.then(() => isThere = true);
    return { send: [gate, formatResponse({ body: COPIED })] };
  };
}

/** Sends {@linkcode COPY} on a connection of its own, which the test may close. */
async function sendLeaving(proxy: ProxyUnderTest): Promise<RawConnection> {
  const connection = await connectRaw(proxy.destination);
  const { headers } = signHeaders({
    method: "PUT",
    target: KEY,
    headers: [["host", proxy.host], ...COPY.headers ?? [], ["content-length", "0"]],
    ...AGENT,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  await connection.write(
    formatRequestHead({ method: "PUT", target: KEY, port: proxy.port, headers }),
  );
  return connection;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

testListeners(
  "copies with preconditions wait for their turn without a connection",
  async (listener) => {
    const open = new Gate();
    open.open();
    const respond = copyBehind(open);
    await using proxy = await start({ listener, respond, backend: { max_connections: 4 } });
    const headers = [...COPY.headers ?? [], ["x-amz-copy-source-if-match", "e"] as const];
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => proxy.send({ ...COPY, headers })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(5).fill(403)]);
  },
);

testListeners(
  "a copy whose client leaves keeps its turn until the backend is done",
  async (listener) => {
    const gate = new Gate();
    await using proxy = await start({ listener, respond: copyBehind(gate) });
    const first = await sendLeaving(proxy);
    while (!proxy.backend.requests.some(({ method }) => method === "PUT")) await wait(10);
    first.close();
    const second = proxy.send(COPY);
    const third = await sendLeaving(proxy);
    await wait(LIMITS.clientWatchDelayMs * 2);
    assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD", "PUT"]);
    third.close();
    gate.open();
    assert.equal((await second).status, 403);
    // Behind the third, which has nothing to ask any more.
    assert.equal((await proxy.send(COPY)).status, 403);
    const looks = proxy.backend.requests.filter(({ method }) => method === "HEAD");
    assert.equal(looks.length, 3);
    assert.equal(proxy.backend.requests.filter(({ method }) => method === "PUT").length, 1);
  },
);

testListeners("who waits too long for a turn is told to try again", async (listener) => {
  using _limits = changeLimits({ keyLockTimeoutMs: 500 });
  const gate = new Gate();
  await using proxy = await start({ listener, respond: copyBehind(gate) });
  const first = proxy.send(COPY);
  while (!proxy.backend.requests.some(({ method }) => method === "PUT")) await wait(10);
  const second = await proxy.send(COPY);
  assert.deepEqual([second.status, second.errorCode], [503, "SlowDown"]);
  assert.match(await proxy.readLog(), /"code":"SlowDown"[^\n]*"reason":"key_lock"/);
  gate.open();
  assert.equal((await first).status, 200);
});
