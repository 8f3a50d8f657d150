/** An append-only key creates; it neither overwrites nor destroys, whatever it sends. */

import assert from "node:assert/strict";
import {
  type Key,
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { Gate } from "../support/gate.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";

const AGENT: Key = { accessKey: "agent-key", secretKey: "agent-secret-of-the-tests" };
const SETTINGS = {
  users: [{
    access_key: AGENT.accessKey,
    secret_key: AGENT.secretKey,
    grants: [{ access: "append-only", buckets: ["backups"], deletable_prefixes: ["locks/"] }],
  }],
};
const KEY = "/backups/data/1";
const COPY: SignedRequest = {
  method: "PUT",
  target: KEY,
  headers: [["x-amz-copy-source", "backups/data/2"]],
  key: AGENT,
};
const COMPLETE: SignedRequest = {
  method: "POST",
  target: `${KEY}?uploadId=u`,
  body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
    "</CompleteMultipartUpload>",
  key: AGENT,
};
const PUT: SignedRequest = { method: "PUT", target: KEY, body: "b".repeat(2 ** 20), key: AGENT };
/** The proxy decodes and proves its body. */
const CHECKED: SignedRequest = { ...PUT, headers: [["x-amz-checksum-crc32", "AAAAAA=="]] };
const COMPLETED = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";

function start(listener: ListenerName, respond?: Respond): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    settings: SETTINGS,
    ...(respond === undefined ? {} : { respond }),
  });
}

const REFUSED: readonly [name: string, request: SignedRequest][] = [
  ["a delete", { method: "DELETE", target: KEY }],
  ["a delete of a version", { method: "DELETE", target: `${KEY}?versionId=v` }],
  ["a delete of a lock's version", { method: "DELETE", target: "/backups/locks/1?versionId=v" }],
  ["a copy from elsewhere", { ...COPY, headers: [["x-amz-copy-source", "others/k"]] }],
  ["a bucket's deletion", { method: "DELETE", target: "/backups" }],
  ["a lifecycle", { method: "PUT", target: "/backups?lifecycle", body: "<x/>" }],
  ["a lifecycle's end", { method: "DELETE", target: "/backups?lifecycle" }],
  ["versioning", { method: "PUT", target: "/backups?versioning", body: "<x/>" }],
  ["a bucket's lock", { method: "PUT", target: "/backups?object-lock", body: "<x/>" }],
  ["replication", { method: "PUT", target: "/backups?replication", body: "<x/>" }],
  ["tags of an object", { method: "PUT", target: `${KEY}?tagging`, body: "<x/>" }],
  ["the end of tags", { method: "DELETE", target: `${KEY}?tagging` }],
  ["an ACL", { method: "PUT", target: `${KEY}?acl`, body: "<x/>" }],
  ["retention", { method: "PUT", target: `${KEY}?retention`, body: "<x/>" }],
  ["a legal hold", { method: "PUT", target: `${KEY}?legal-hold`, body: "<x/>" }],
  ...[
    ["x-amz-tagging", "a=b"],
    ["x-amz-acl", "bucket-owner-full-control"],
    ["x-amz-grant-write", "id=1"],
    ["x-amz-object-lock-mode", "COMPLIANCE"],
    ["x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"],
    ["x-amz-object-lock-legal-hold", "ON"],
    ["x-amz-bypass-governance-retention", "true"],
  ].flatMap(([name = "", value = ""]): [string, SignedRequest][] => [
    [`${name} on a new object`, { method: "PUT", target: KEY, headers: [[name, value]], body: "" }],
    [`${name} in the query`, {
      method: "PUT",
      target: `${KEY}?${name}=${encodeURIComponent(value)}`,
      body: "",
    }],
  ]),
];

for (const [name, request] of REFUSED) {
  testListeners(`append-only: ${name}: AccessDenied`, async (listener) => {
    await using proxy = await start(listener);
    proxy.assertRefused(await proxy.send({ ...request, key: AGENT }), "AccessDenied");
  });
}

testListeners("append-only: DeleteObjects deletes locks, and no data", async (listener) => {
  await using proxy = await start(listener, () => ({
    send: [formatResponse({ status: 200, headers: [], body: "<DeleteResult/>" })],
  }));
  const object = (key: string): string => `<Object><Key>${key}</Key></Object>`;
  const body = `<Delete>${object("data/1")}${object("locks/1")}${object("xlocks/1")}</Delete>`;
  const target = "/backups?delete";
  const { text } = await proxy.send({ method: "POST", target, body, key: AGENT });
  assert.deepEqual(
    [...text.matchAll(/<Key>([^<]*)<\/Key><Code>AccessDenied</g)].map(([, key]) => key),
    ["data/1", "xlocks/1"],
  );
  const [request] = proxy.backend.requests;
  assert.equal(await request?.bodyEnd, "complete");
  const sent = new TextDecoder().decode(request?.body);
  assert.deepEqual([...sent.matchAll(/<Key>([^<]*)/g)].map(([, key]) => key), ["locks/1"]);
});

testListeners("append-only: PutObject only creates, whatever the client asks", async (listener) => {
  await using proxy = await start(listener, ({ method }) => ({
    send: [formatResponse({ status: method === "HEAD" ? 404 : 200 })],
  }));
  for (
    const precondition of [undefined, ["if-none-match", '"e"'], ["if-none-match", "*"]] as const
  ) {
    const headers = precondition === undefined ? [] : [precondition];
    await proxy.send({ method: "PUT", target: KEY, headers, body: "body", key: AGENT });
    assert.equal(proxy.backend.requests.at(-1)?.header("if-none-match"), "*");
  }
});

for (
  const [name, request] of [
    ["PutObject", PUT],
    ["PutObject with a checksum", CHECKED],
    ["CopyObject", COPY],
    ["CompleteMultipartUpload", COMPLETE],
  ] as const
) {
  testListeners(`append-only: ${name} onto what is there: AccessDenied`, async (listener) => {
    await using proxy = await start(listener);
    const { status, errorCode, text } = await proxy.send(request);
    // Not 412: aws-cli takes that for success, and restic repeats it.
    assert.deepEqual([status, errorCode], [403, "AccessDenied"]);
    assert.match(text, /the key exists, and this user may not overwrite it/);
    const lines = proxy.backend.requests.map(({ startLine }) => startLine);
    assert.deepEqual(lines, [`HEAD ${KEY} HTTP/1.1`]);
    await proxy.stop();
    assert.match(await proxy.readLog(), /"decision":"deny","reason":"append_only"/);
  });

  testListeners(
    `append-only: ${name} with If-None-Match onto what is there: PreconditionFailed`,
    async (listener) => {
      for (const value of ["*", "other"]) {
        await using proxy = await start(listener);
        const headers = [...request.headers ?? [], ["if-none-match", value]] as const;
        const { status } = await proxy.send({ ...request, headers });
        assert.equal(status, value === "*" ? 412 : 403, value);
        assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD"]);
      }
    },
  );

  testListeners(
    `append-only: ${name} onto what is encrypted with a client's key: AccessDenied`,
    async (listener) => {
      await using proxy = await start(
        listener,
        () => ({ send: [formatResponse({ status: 400 })] }),
      );
      assert.equal((await proxy.send(request)).errorCode, "AccessDenied");
      assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD"]);
    },
  );

  testListeners(`append-only: ${name} waits for a clear answer`, async (listener) => {
    let unclear = 0;
    await using proxy = await start(listener, () => ({
      send: [formatResponse({ status: unclear, headers: [] })],
    }));
    for (unclear of [204, 301, 403, 500, 503]) {
      const { status } = await proxy.send(request);
      assert.ok(status >= 500, `${unclear}: ${status}`);
      const methods = new Set(proxy.backend.requests.map(({ method }) => method));
      assert.deepEqual([...methods], ["HEAD"], String(unclear));
    }
  });
}

testListeners("append-only: who is faster than the look is not overwritten", async (listener) => {
  await using proxy = await start(listener, ({ method }) => ({
    send: [formatResponse({ status: method === "HEAD" ? 404 : 412 })],
  }));
  assert.equal((await proxy.send(PUT)).errorCode, "AccessDenied");
  const asking = await proxy.send({ ...PUT, headers: [["if-none-match", "*"]] });
  assert.equal(asking.errorCode, "PreconditionFailed");
});

testListeners(
  "If-None-Match: * of any user looks first, as RGW ignores it where there are versions",
  async (listener) => {
    const request: SignedRequest = {
      method: "PUT",
      target: "/mine/terraform.tfstate.tflock",
      headers: [["if-none-match", "*"]],
      body: "lock",
    };
    for (const trusted of [false, true]) {
      await using proxy = await ProxyUnderTest.start({
        listener,
        settings: { backend: { trust_preconditions: trusted } },
      });
      const { status } = await proxy.send(request);
      assert.equal(status, trusted ? 200 : 412);
      const methods = proxy.backend.requests.map(({ method }) => method);
      assert.deepEqual(methods, [trusted ? "PUT" : "HEAD"]);
    }
  },
);

testListeners("append-only: of two that complete one key, one does", async (listener) => {
  const firstLook = new Gate();
  let isThere = false;
  await using proxy = await start(listener, ({ method }) => {
    if (method === "POST") {
      isThere = true;
      return { send: [formatResponse({ status: 200, headers: [], body: COMPLETED })] };
    }
    const status = method === "HEAD" && !isThere ? 404 : 200;
    const wait = method === "HEAD" && status === 404 ? [firstLook] : [];
    return { send: [...wait, formatResponse({ status, headers: [] })] };
  });
  const first = proxy.send(COMPLETE);
  await proxy.backend.nextRequest();
  const second = proxy.send(COMPLETE);
  // Once this one has come and gone, the second has come, too: it waits for the first.
  await proxy.send({ target: "/backups/data/2", key: AGENT });
  const looks = proxy.backend.requests.filter(({ method }) => method === "HEAD");
  firstLook.open(); // before anything can fail, and leave both waiting
  assert.equal(looks.length, 1);
  const answers = await Promise.all([first, second]);
  assert.deepEqual(answers.map(({ status }) => status), [200, 403]);
  assert.equal(proxy.backend.requests.filter(({ method }) => method === "POST").length, 1);
});
