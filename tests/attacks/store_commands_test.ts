/**
 * What some stores take for a command, or for another key, and nobody has decided on: it never reaches one.
 * @module
 */

import assert from "node:assert/strict";
import { buildForm } from "../support/form_builder.ts";
import {
  ALICE,
  type Key,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";

/** MinIO unpacks an upload with it: each file of the archive becomes an object, at whatever key the archive says. */
const UNPACK = "x-amz-meta-snowball-auto-extract";
const COPY = ["x-amz-copy-source", "/mine/k"] as const;

const UNPACKED: readonly (readonly [name: string, request: SignedRequest])[] = [
  ["an upload", { headers: [[UNPACK, "true"]], target: "/mine/a.tar", body: "x" }],
  ["one in another case", {
    headers: [["X-AMZ-Meta-Snowball-Auto-Extract", "true"]],
    target: "/mine/a.tar",
    body: "x",
  }],
  ["one that says more", { headers: [[UNPACK, "xtruex"]], target: "/mine/a.tar", body: "x" }],
  ["one that says it by its query", { target: `/mine/a.tar?X-Amz-Meta-${UNPACK.slice(11)}=true` }],
  ["one with another separator", {
    headers: [["x-amz-meta-snowball_auto_extract", "true"]],
    target: "/mine/a.tar",
  }],
  ["where it is to be unpacked", {
    headers: [["x-amz-meta-minio-snowball-prefix", "elsewhere"]],
    target: "/mine/a.tar",
  }],
  ["a part", { headers: [[UNPACK, "true"]], target: "/mine/a.tar?partNumber=1&uploadId=u" }],
  ["a copy", { headers: [COPY, [UNPACK, "true"]], target: "/mine/a.tar" }],
  ["an upload in parts", {
    method: "POST",
    headers: [[UNPACK, "true"]],
    target: "/mine/a.tar?uploads",
  }],
];

testListeners(
  "B an upload is not unpacked by the store, whatever its metadata say",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const [name, request] of UNPACKED) {
      const response = await proxy.send({ method: "PUT", ...request });
      assert.equal(response.errorCode, "NotImplemented", name);
      proxy.assertRefused(response, "NotImplemented");
    }
    const { body, headers } = buildForm({
      bucket: "mine",
      key: ALICE,
      date: new Date(),
      fields: { key: "a.tar", "X-Amz-Meta-Snowball-Auto-Extract": "true" },
    });
    const form = { method: "POST", target: "/mine", body };
    proxy.assertRefused(
      await proxy.sendRaw({ ...form, headers: [["host", proxy.host], ...headers] }),
      "NotImplemented",
    );
    const plain = { method: "PUT", target: "/mine/a.tar", body: "x" };
    const meta = ["x-amz-meta-snowball", "true"] as const;
    assert.equal((await proxy.send({ ...plain, headers: [meta] })).status, 200);
    assert.equal(proxy.backend.requests[0]?.header(meta[0]), "true");
  },
);

/** May do everything in `mine` but touch the folder `kept/`. */
const DORA: Key = { accessKey: "dora-key", secretKey: "dora-secret-of-the-tests" };
const USERS = [{
  access_key: DORA.accessKey,
  secret_key: DORA.secretKey,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::mine/*" },
      { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::mine/kept/*" },
    ],
  },
}];

testListeners(
  "B1 the name under which a store keeps an old version is no key",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { users: USERS, backend: { kind: "seaweedfs" } },
    });
    const file = `v_${"0123456789abcdef".repeat(2)}`;
    for (const key of [`k.versions/${file}`, `k.versions//${file}`, `k.versions%5C${file}`]) {
      for (const target of [`/mine/${key}`, `/mine/a/${key}`, `/mine/${key}/`]) {
        proxy.assertRefused(await proxy.send({ target, key: DORA }), "InvalidURI");
      }
    }
    const source = ["x-amz-copy-source", `/mine/k.versions/${file}`] as const;
    const copy = { method: "PUT", target: "/mine/mine", headers: [source], key: DORA };
    proxy.assertRefused(await proxy.send(copy), "InvalidURI");
    for (const key of [`k.versions/${file}.txt`, "k.versions/v_1", `k/${file}`]) {
      assert.equal((await proxy.send({ target: `/mine/${key}`, key: DORA })).status, 200);
    }
  },
);

testListeners("B1 the name under which a store keeps a folder is no key", async (listener) => {
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings: { users: USERS, backend: { kind: "minio" } },
  });
  const hidden = "kept__XLDIR__";
  const requests: readonly SignedRequest[] = [
    { method: "PUT", target: `/mine/${hidden}`, body: "x" },
    { target: `/mine/${hidden}` },
    { method: "DELETE", target: `/mine/${hidden}` },
    { method: "PUT", target: "/mine/k", headers: [["x-amz-copy-source", `/mine/${hidden}`]] },
    { method: "PUT", target: `/mine/${hidden}/` },
  ];
  for (const request of requests) {
    proxy.assertRefused(await proxy.send({ ...request, key: DORA }), "InvalidURI");
  }
  const deleted = await proxy.send({
    method: "POST",
    target: "/mine?delete",
    body: `<Delete><Object><Key>${hidden}</Key></Object></Delete>`,
    key: DORA,
  });
  assert.match(deleted.text, /<Error><Key>kept__XLDIR__<\/Key><Code>InvalidURI/);
  assert.deepEqual(proxy.backend.requests, []);
  const inside = await proxy.send({ target: "/mine/a__XLDIR__/b", key: DORA });
  assert.equal(inside.status, 200);
});
