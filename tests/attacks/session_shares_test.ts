/**
 * S, X3: whoever has sessions has one share for all of them, whatever they are called, and nobody else's. Their names are
 * their clients' choice.
 * @module
 */

import assert from "node:assert/strict";
import { nextTurn } from "../../src/lib/turn_gate.ts";
import { LIMITS } from "../../src/limits.ts";
import { DOCUMENT_MEMORY } from "../../src/payload/document_memory.ts";
import { beforeDeadline } from "../support/deadline.ts";
import { ALICE, type ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import {
  connectRaw,
  type RawConnection,
  type RawResponse,
  writeRequest,
} from "../support/raw_client.ts";
import { signHeaders } from "../support/signer.ts";
import {
  askSigned,
  assume,
  issuer,
  readSession,
  ROLE_ARN,
  type SessionKey,
  start,
} from "../support/sts_client.ts";

/** A session of the user ALICE. */
async function assumeAsAlice(proxy: ProxyUnderTest, name: string): Promise<SessionKey> {
  const parameters = { Action: "AssumeRole", RoleArn: ROLE_ARN, RoleSessionName: name };
  return readSession(await askSigned(proxy, { parameters, key: ALICE }));
}

/** Sends a request of a session, of whose body of `length` bytes `sent` come. */
async function hold(
  proxy: ProxyUnderTest,
  { method, target, session, length, sent, more = [] }: {
    method: string;
    target: string;
    session: SessionKey;
    length: number;
    sent: number;
    more?: readonly (readonly [string, string])[];
  },
): Promise<RawConnection> {
  const { headers } = signHeaders({
    method,
    target,
    headers: [["host", proxy.host], ["x-amz-security-token", session.token], ...more],
    ...session,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const connection = await connectRaw(proxy.destination);
  await writeRequest(connection, {
    ...proxy.destination,
    method,
    target,
    headers: [...headers, ["content-length", String(length)]],
  });
  await connection.write(" ".repeat(sent));
  return connection;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  let isOver = false;
  const waited = (async () => {
    while (!isSo() && !isOver) await nextTurn();
  })();
  await beforeDeadline(waited, what).finally(() => isOver = true);
}

const OBJECT = {
  method: "PUT",
  target: "/artifacts/builds/1",
  length: 1000,
  // Its checksum is proven here.
  more: [["x-amz-checksum-crc32", "AAAAAA=="]] as const,
};

function upload(proxy: ProxyUnderTest, session: SessionKey): Promise<RawResponse> {
  return proxy.send({
    ...OBJECT,
    target: "/artifacts/builds/2",
    key: session,
    headers: [["x-amz-security-token", session.token], ...OBJECT.more],
    body: "two",
  });
}

testListeners(
  "S X3 documents of all sessions of one user together are bounded as those of one",
  async (listener) => {
    await using proxy = await start({ listener });
    const sessions = [await assumeAsAlice(proxy, "one"), await assumeAsAlice(proxy, "two")];
    const held: RawConnection[] = [];
    const length = LIMITS.deleteObjectsBytesMax;
    const count = LIMITS.documentMemoryOfUserBytesMax / LIMITS.deleteObjectsBytesMax;
    for (let index = 0; index < count; index++) {
      const [session] = sessions;
      assert.ok(session);
      const target = "/artifacts?delete";
      held.push(
        await hold(proxy, { method: "POST", target, session, length, sent: length * 0.6 }),
      );
    }
    const isFull = (): boolean => DOCUMENT_MEMORY.bytes >= LIMITS.documentMemoryOfUserBytesMax;
    await until(isFull, "documents that fill what one user may hold");
    const other = sessions[1];
    assert.ok(other);
    const refused = await proxy.send({
      method: "POST",
      target: "/artifacts?delete",
      key: other,
      headers: [["x-amz-security-token", other.token]],
      body: "<Delete/>",
    });
    proxy.assertRefused(refused, "SlowDown");
    for (const connection of held) connection.close();
    await until(() => DOCUMENT_MEMORY.bytes === 0, "documents to be let go");
  },
);

testListeners(
  "S X3 uploads of all sessions of one user together are bounded as those of one",
  async (listener) => {
    await using proxy = await start({
      listener,
      sections: { security: { max_concurrent_streaming_uploads: 1 } },
    });
    const session = await assumeAsAlice(proxy, "one");
    using held = await hold(proxy, { ...OBJECT, session, sent: 1 });
    await proxy.backend.nextRequest();
    const refused = await upload(proxy, await assumeAsAlice(proxy, "two"));
    assert.equal(refused.errorCode, "SlowDown");
    assert.equal(proxy.backend.requests.length, 1);
    held.close();
  },
);

testListeners(
  "S X3 a session called like somebody else's takes nothing of that one's share",
  async (listener) => {
    await using proxy = await start({
      listener,
      sections: { security: { max_concurrent_streaming_uploads: 1 } },
    });
    const session = await assumeAsAlice(proxy, "job-17");
    using held = await hold(proxy, { ...OBJECT, session, sent: 1 });
    await proxy.backend.nextRequest();
    const namesake = readSession(
      await assume(proxy, await issuer.sign(), { RoleSessionName: "job-17" }),
    );
    // Taken up, and then refused for its bytes.
    assert.equal((await upload(proxy, namesake)).errorCode, "BadDigest");
    held.close();
  },
);
