/** X2, X3, X5: documents and refusals cost little, whoever sends them, and hold little. */

import assert from "node:assert/strict";
import { nextTurn } from "../../src/lib/turn_gate.ts";
import { LIMITS } from "../../src/limits.ts";
import { DOCUMENT_MEMORY } from "../../src/payload/document_memory.ts";
import { changeLimits } from "../support/change_limits.ts";
import { beforeDeadline } from "../support/deadline.ts";
import {
  ADMIN,
  ALICE,
  type Key,
  ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { connectRaw, type RawConnection, writeRequest } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";
import { signHeaders } from "../support/signer.ts";

const READER: Key = { accessKey: "reader-key", secretKey: "reader-secret-of-the-tests" };
/** May delete in another bucket, and read in this one. */
const USERS = [{
  access_key: READER.accessKey,
  secret_key: READER.secretKey,
  grants: [{ buckets: ["mine"], access: "read-only" }, { buckets: ["other"], access: "full" }],
}];

/** Sends the head of a document of `length` bytes and `sent` of them, and leaves the rest out. */
async function hold(
  proxy: ProxyUnderTest,
  { length, sent, key, target = "/mine?delete" }: {
    length: number;
    sent: number;
    key: Key;
    target?: string;
  },
): Promise<RawConnection> {
  const method = "POST";
  const signed = signHeaders({
    method,
    target,
    headers: [["host", proxy.host]],
    ...key,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  const connection = await connectRaw(proxy.destination);
  const headers = [...signed.headers, ["content-length", String(length)] as const];
  await writeRequest(connection, { ...proxy.destination, method, target, headers });
  await connection.write("<Delete>".padEnd(sent).slice(0, sent));
  return connection;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  let isOver = false;
  const waited = (async () => {
    while (!isSo() && !isOver) await nextTurn();
  })();
  await beforeDeadline(waited, what).finally(() => isOver = true);
}

testListeners(
  "X2 a document of who may do nothing there is refused on its head",
  async (listener) => {
    using _delay = changeLimits({ refusalDelayMsMax: 0 });
    await using proxy = await ProxyUnderTest.start({ listener, settings: { users: USERS } });
    for (const target of ["/mine?delete", "/elsewhere?delete"]) {
      using connection = await hold(proxy, { length: 100_000, sent: 0, key: READER, target });
      proxy.assertRefused(await connection.readResponse(), "AccessDenied");
    }
    const body = "<Delete><Object><Key>k</Key></Object></Delete>";
    const allowed = await proxy.send({
      method: "POST",
      target: "/other?delete",
      key: READER,
      body,
    });
    assert.equal(
      allowed.errorCode,
      "BadGateway",
      "asked of the backend, which answers nothing here",
    );
  },
);

testListeners("X2 a document that says it is too long is refused on its head", async (listener) => {
  using _delay = changeLimits({ refusalDelayMsMax: 0 });
  await using proxy = await ProxyUnderTest.start({ listener });
  const length = LIMITS.deleteObjectsBytesMax + 1;
  using connection = await hold(proxy, { length, sent: 0, key: ALICE });
  proxy.assertRefused(await connection.readResponse(), "MalformedXML");
  const parts = { length: LIMITS.xmlBodyBytesMax + 1, sent: 0, key: ALICE };
  using completion = await hold(proxy, { ...parts, target: "/mine/k?uploadId=1" });
  proxy.assertRefused(await completion.readResponse(), "EntityTooLarge");
  const tagging = LIMITS.shortDocumentBytesMax + 1;
  const body = "x".repeat(tagging);
  const response = await proxy.send({ method: "PUT", target: "/mine/k?tagging", body });
  proxy.assertRefused(response, "EntityTooLarge");
});

testListeners("X3 documents held back by one user leave room for others", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => ({ send: [formatResponse({ body: "<DeleteResult/>" })] }),
  });
  const length = LIMITS.deleteObjectsBytesMax;
  const places = LIMITS.documentMemoryOfUserBytesMax / length;
  const held: RawConnection[] = [];
  for (let count = 1; count <= places; count++) {
    held.push(await hold(proxy, { length, sent: length - 1, key: ALICE }));
    await until(() => DOCUMENT_MEMORY.bytes === count * length, `document ${count} to be held`);
  }
  const body = "<Delete><Object><Key>k</Key></Object></Delete>";
  const send = (key: Key): ReturnType<ProxyUnderTest["send"]> =>
    proxy.send({ method: "POST", target: "/mine?delete", key, body });
  const refused = await send(ALICE);
  assert.deepEqual([refused.status, refused.errorCode], [503, "SlowDown"]);
  assert.equal((await send(ADMIN)).status, 200);
  for (const connection of held) connection.close();
  await until(() => DOCUMENT_MEMORY.bytes === 0, "what was held to be given back");
  assert.equal((await send(ALICE)).status, 200);
});

testListeners("X5 a refusal reflects little of what was sent", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const long = "'".repeat(20_000);
  for (const target of [`/mine/${long}`, `/mine?prefix=${long}&${long}=x`, `/${long}`]) {
    const response = await proxy.sendRaw({
      method: "GET",
      target,
      headers: [["host", proxy.host]],
    });
    assert.ok(response.status >= 400);
    const text = response.text.replaceAll("&#39;", "'");
    assert.ok(text.length < LIMITS.errorDocumentBytesMax + 500, String(text.length));
  }
});

testListeners("X5 a key that is too long is cut where it is told of", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener });
  const body = `<Delete><Object><Key>${
    "k".repeat(LIMITS.xmlTextCharactersMax)
  }</Key></Object></Delete>`;
  const response = await proxy.send({ method: "POST", target: "/mine?delete", body });
  assert.match(response.text, /<Code>KeyTooLongError<\/Code>/);
  assert.equal(/<Key>(k*)<\/Key>/.exec(response.text)?.[1]?.length, LIMITS.keyBytesMax);
});

testListeners("a DeleteObjects whose second half fails tells of both", async (listener) => {
  let answered = 0;
  await using proxy = await ProxyUnderTest.start({
    listener,
    respond: () => {
      const body = "<DeleteResult><Deleted><Key>first</Key></Deleted></DeleteResult>";
      return { send: [formatResponse(answered++ === 0 ? { body } : { status: 500 })] };
    },
  });
  const objects = Array.from(
    { length: 900 },
    (_, at) => `<Object><Key>${`${at}`.padEnd(1000, "'")}</Key></Object>`,
  );
  const body = `<Delete>${objects.join("")}</Delete>`;
  const { status, bodyEnd, text } = await proxy.send({
    method: "POST",
    target: "/mine?delete",
    body,
  });
  assert.deepEqual([status, bodyEnd], [200, "complete"]);
  assert.match(text, /<Deleted><Key>first<\/Key><\/Deleted>/);
  assert.match(text, /<Error><Key>899&#39;[^<]*<\/Key><Code>InternalError<\/Code>/);
  assert.match(text, /<\/DeleteResult>$/);
});
