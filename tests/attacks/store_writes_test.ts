/** B What crosses a rule on a store that is not Ceph by a form upload, or by another spelling of an append-only key. */

import assert from "node:assert/strict";
import { buildForm } from "../support/form_builder.ts";
import { type Key, ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { formatResponse } from "../support/recording_backend.ts";

/** May write what it likes but `releases/`, and nothing that is copied from `drafts/`; makes no bucket. */
const WRITER: Key = { accessKey: "writer-key", secretKey: "writer-secret-of-the-tests" };
/** May overwrite below `inbox//`, which is a folder of its own to some stores, and only create below `inbox/`. */
const APPENDER: Key = { accessKey: "appender-key", secretKey: "appender-secret-of-the-tests" };
const USERS = [
  {
    access_key: WRITER.accessKey,
    secret_key: WRITER.secretKey,
    policy: {
      Statement: [
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:GetObject", "s3:*ObjectTagging"],
          Resource: "arn:aws:s3:::mine/*",
        },
        { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::mine/releases/*" },
        {
          Effect: "Deny",
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::mine/*",
          Condition: { StringLike: { "s3:x-amz-copy-source": "mine/drafts/*" } },
        },
      ],
    },
  },
  {
    access_key: APPENDER.accessKey,
    secret_key: APPENDER.secretKey,
    grants: [
      { buckets: ["mine"], access: "append-only", prefixes: ["inbox/"] },
      { buckets: ["mine"], access: "read-write", prefixes: ["inbox//"] },
    ],
  },
];

function post(
  proxy: ProxyUnderTest,
  fields: Readonly<Record<string, string>>,
): Promise<RawResponse> {
  const form = buildForm({ bucket: "mine", key: WRITER, date: new Date(), fields });
  const headers = [["host", proxy.host] as const, ...form.headers];
  return proxy.sendRaw({ method: "POST", target: "/mine", headers, body: form.body });
}

testListeners("B1 a form's key is decided for each spelling", async (listener) => {
  const settings = { users: USERS, backend: { kind: "minio" } };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  for (
    const [key, code] of [
      ["/releases/x", "AccessDenied"],
      ["releases\\x", "AccessDenied"],
      ["//releases/x", "InvalidURI"],
    ] as const
  ) proxy.assertRefused(await post(proxy, { key }), code);
  assert.equal((await post(proxy, { key: "free//x" })).status, 204);
});

testListeners("B4 a form's fields that a store loses are refused", async (listener) => {
  const settings = { users: USERS, backend: { kind: "garage" } };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  for (const asked of ["AES256", "no-such-encryption"]) {
    const response = await post(proxy, { key: "k", "x-amz-server-side-encryption": asked });
    proxy.assertRefused(response, "NotImplemented");
  }
});

testListeners("B4 metadata that are one to a store are refused in a form", async (listener) => {
  const settings = { users: USERS, backend: { kind: "ceph" } };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  const response = await post(proxy, { key: "k", "x-amz-meta-a_b": "1", "x-amz-meta-a-b": "2" });
  proxy.assertRefused(response, "InvalidRequest");
});

testListeners("B7 a form makes no bucket, nor where the store does not tell", async (listener) => {
  const settings = { users: USERS, backend: { kind: "seaweedfs" } };
  for (const [told, status] of [[404, 404], [403, 502], [500, 502]] as const) {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings,
      respond: ({ method }) => ({
        send: [formatResponse({ status: method === "HEAD" ? told : 200 })],
      }),
    });
    assert.equal((await post(proxy, { key: "k" })).status, status);
    assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD"]);
  }
});

testListeners("B1 a condition on a copy's source is held for each spelling", async (listener) => {
  const settings = { users: USERS, backend: { kind: "minio" } };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  const copy = (source: string): Promise<RawResponse> => {
    const headers = [["x-amz-copy-source", source]] as const;
    return proxy.send({ method: "PUT", target: "/mine/k", headers, key: WRITER });
  };
  for (const source of ["mine/drafts/x", "mine//drafts/x", "mine/drafts%5Cx"]) {
    proxy.assertRefused(await copy(source), "AccessDenied");
  }
  await copy("mine//free/x");
  assert.equal(proxy.backend.requests.length, 1);
});

testListeners("B1 what may only be created is not overwritten by a spelling", async (listener) => {
  for (const [kind, status] of [["minio", 403], ["ceph", 200]] as const) {
    const settings = { users: USERS, backend: { kind } };
    await using proxy = await ProxyUnderTest.start({ listener, settings });
    const put = { method: "PUT", target: "/mine/inbox//x", body: "x", key: APPENDER };
    assert.equal((await proxy.send(put)).status, status);
    const writes = proxy.backend.requests.filter(({ method }) => method === "PUT");
    assert.equal(writes.length, status === 200 ? 1 : 0);
  }
});

const LISTED = /^\/mine\?(?=.*\buploads\b)(?=.*\bprefix=free\b)/;

testListeners(
  "Z14 an upload is of its own key, on a store that looks at the id alone",
  async (listener) => {
    const upload = (key: string, id: string): string =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`;
    const list = [upload("free", "mine-1"), upload("releases/x", "theirs-1")].join("");
    const settings = { users: USERS, backend: { kind: "moto" } };
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings,
      respond: ({ target }) => ({
        send: [
          LISTED.test(target)
            ? formatResponse({
              body: `<ListMultipartUploadsResult>${list}</ListMultipartUploadsResult>`,
            })
            : formatResponse({
              body: "<ListPartsResult><ETag>e</ETag></ListPartsResult>",
              headers: [["ETag", '"e"']],
            }),
        ],
      }),
    });
    let seen = 0;
    const complete =
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>" +
      "</CompleteMultipartUpload>";
    for (
      const [method, query, body] of [
        ["PUT", "partNumber=1&", "x"],
        ["POST", "", complete],
        ["GET", "", undefined],
        ["DELETE", "", undefined],
      ] as const
    ) {
      const send = (id: string): Promise<RawResponse> => {
        const target = `/mine/free?${query}uploadId=${id}`;
        return proxy.send(body === undefined ? { method, target } : { method, target, body });
      };
      for (const id of ["theirs-1", "nobodys-1"]) {
        const { errorCode } = await send(id);
        assert.equal(errorCode, "NoSuchUpload", `${method} ${id}`);
      }
      const before = proxy.backend.requests.length;
      assert.ok(proxy.backend.requests.slice(seen).every(({ target }) => LISTED.test(target)));
      assert.equal(before - seen, 2);
      const { status, text } = await send("mine-1");
      assert.ok(status < 300, `${method} ${status} ${text}`);
      seen = proxy.backend.requests.length;
    }
  },
);
