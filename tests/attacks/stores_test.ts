/**
 * What crosses a rule on a store that is not Ceph: other spellings of a key, settings and parameters that it does not know,
 * versions that are none, headers that it loses, buckets that it makes. The backend has seen nothing, or its answer is not
 * believed.
 * @module
 */

import assert from "node:assert/strict";
import {
  ADMIN,
  ALICE,
  type Key,
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";
import { answerLikeS3 } from "../support/s3_answers.ts";

/** May do everything in `mine` but touch `releases/` and read `secret`, and lists below `team/` only. */
const CAROL: Key = { accessKey: "carol-key", secretKey: "carol-secret-of-the-tests" };
const USERS = [{
  access_key: CAROL.accessKey,
  secret_key: CAROL.secretKey,
  policy: {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:*", Resource: ["arn:aws:s3:::mine/*"] },
      {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::mine",
        Condition: { StringLike: { "s3:prefix": ["team/*", "/team/*"] } },
      },
      {
        Effect: "Deny",
        Action: "s3:*",
        Resource: ["releases/*", "secret", "team/key"].map((key) => `arn:aws:s3:::mine/${key}`),
      },
      {
        Effect: "Deny",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::mine",
        Condition: { StringLike: { "s3:prefix": "team/hidden/*" } },
      },
    ],
  },
}];

function start(
  listener: ListenerName,
  { kind, capabilities = {}, respond }: {
    kind: string;
    capabilities?: Record<string, unknown>;
    respond?: Respond;
  },
): Promise<ProxyUnderTest> {
  const settings = { users: USERS, backend: { kind, capabilities } };
  return ProxyUnderTest.start({
    listener,
    settings,
    ...(respond === undefined ? {} : { respond }),
  });
}

const SPELLINGS: readonly (readonly [target: string, code: string])[] = [
  ["/mine//releases/x", "AccessDenied"],
  ["/mine/releases//x", "AccessDenied"],
  ["/mine/releases%5Cx", "AccessDenied"],
  ["/mine/%5Creleases/x", "AccessDenied"],
  ["/mine//secret", "AccessDenied"],
  ["/mine/secret/", "AccessDenied"],
  ["/mine/team//key", "AccessDenied"],
  ["/mine/secret%5C", "AccessDenied"],
  ["/mine///releases/x", "InvalidURI"],
  ["/mine/a//releases//x", "InvalidURI"],
  ["/mine//", "InvalidURI"],
  ["/mine/%5C", "InvalidURI"],
  ["/mine/a/../releases/x", "InvalidURI"],
  ["/mine/a%5C..%5Creleases/x", "InvalidURI"],
];

testListeners("B1 other spellings of a denied key are denied, or refused", async (listener) => {
  await using proxy = await start(listener, { kind: "versitygw" });
  for (const [target, code] of SPELLINGS) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      proxy.assertRefused(await proxy.send({ method, target, key: CAROL }), code);
    }
    const key = target.slice("/mine/".length);
    for (const copy of ["/mine/copy", "/mine/copy?partNumber=1&uploadId=u"]) {
      const headers = [["x-amz-copy-source", `mine/${key}`]] as const;
      const response = await proxy.send({ method: "PUT", target: copy, key: CAROL, headers });
      proxy.assertRefused(response, code);
    }
  }
  assert.equal((await proxy.send({ target: "/mine/a//b", key: CAROL })).status, 200);
  assert.equal((await proxy.send({ target: "/mine/folder/", key: CAROL })).status, 200);
});

testListeners("B1 an exact store has these keys of their own", async (listener) => {
  await using proxy = await start(listener, { kind: "ceph" });
  for (const target of ["/mine//releases/x", "/mine/releases//x2", "/mine/secret/"]) {
    const { errorCode } = await proxy.send({ target, key: CAROL });
    assert.equal(errorCode, target.startsWith("/mine/releases/") ? "AccessDenied" : undefined);
  }
});

testListeners("B1 a prefix is decided for every spelling, and does not climb", async (listener) => {
  await using proxy = await start(listener, { kind: "s3proxy" });
  for (
    const [query, code] of [
      ["prefix=/team/hidden/a", "AccessDenied"],
      ["prefix=team//hidden/a", "AccessDenied"],
      ["prefix=/other/", "AccessDenied"],
      ["prefix=team%5Chidden/a", "AccessDenied"],
      ["prefix=team/../other/", "InvalidArgument"],
      ["prefix=team/a%5C..%5C..%5Cother", "InvalidArgument"],
      ["prefix=team/a&marker=../x", "InvalidArgument"],
      ["list-type=2&prefix=team/a&start-after=team/../x", "InvalidArgument"],
      ["versions&prefix=team/a&key-marker=team/../x", "InvalidArgument"],
      ["uploads&prefix=team/a&key-marker=team/../x", "InvalidArgument"],
    ] as const
  ) {
    const target = `/mine?${query}`;
    proxy.assertRefused(await proxy.send({ target, key: CAROL }), code);
  }
});

testListeners("B1 DeleteObjects decides each spelling of each key", async (listener) => {
  await using proxy = await start(listener, {
    kind: "minio",
    respond: () => ({ send: [formatResponse({ body: "<DeleteResult/>" })] }),
  });
  const keys = ["free", "/releases/x", "releases//x", "secret/", "//releases/x", "a\\..\\x", "/"];
  const body = `<Delete>${
    keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")
  }</Delete>`;
  const request: SignedRequest = { method: "POST", target: "/mine?delete", body, key: CAROL };
  const { text } = await proxy.send(request);
  assert.equal(text.match(/<Code>AccessDenied<\/Code>/g)?.length, 3, text);
  assert.equal(text.match(/<Code>InvalidURI<\/Code>/g)?.length, 3, text);
  const [seen] = proxy.backend.requests;
  const sent = new TextDecoder().decode(seen?.body);
  assert.deepEqual([...sent.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key), ["free"]);
});

testListeners(
  "B1 what is the store's own cannot be reached, however it is spelt",
  async (listener) => {
    await using proxy = await start(listener, { kind: "seaweedfs" });
    for (const key of [".uploads/x/1.part", "/.uploads/x", ".uploads//x", ".uploads"]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const response = await proxy.send({ method, target: `/mine/${key}`, key: ADMIN });
        proxy.assertRefused(response, "AccessDenied");
      }
    }
    for (const bucket of ["profile", "rustfs", "moto-api"]) {
      const response = await proxy.send({ target: `/${bucket}/reset`, key: ADMIN });
      proxy.assertRefused(response, "InvalidBucketName");
    }
    const reserved_buckets = ["console"];
    await using other = await start(listener, {
      kind: "minio",
      capabilities: { reserved_buckets },
    });
    const response = await other.send({ target: "/console/login", key: ADMIN });
    other.assertRefused(response, "InvalidBucketName");
  },
);

testListeners("B2 an id is nothing to a store without versions", async (listener) => {
  await using proxy = await start(listener, { kind: "garage" });
  for (const method of ["GET", "DELETE"]) {
    const response = await proxy.send({ method, target: "/mine/k?versionId=v1" });
    proxy.assertRefused(response, "NoSuchVersion");
  }
  const headers = [["x-amz-copy-source", "mine/s?versionId=v1"]] as const;
  const copy = await proxy.send({ method: "PUT", target: "/mine/k", headers });
  proxy.assertRefused(copy, "NoSuchVersion");
  const named = [["x-amz-copy-source", "mine/s%3FversionId=v1"]] as const;
  for (const target of ["/mine/k", "/mine/k?partNumber=1&uploadId=u"]) {
    const response = await proxy.send({ method: "PUT", target, headers: named });
    proxy.assertRefused(response, "NotImplemented");
  }
  const body = "<Delete><Object><Key>k</Key><VersionId>v1</VersionId></Object></Delete>";
  const deleted = await proxy.send({ method: "POST", target: "/mine?delete", body });
  assert.match(deleted.text, /<Code>NoSuchVersion<\/Code>/);
  assert.deepEqual(proxy.backend.requests, []);
});

testListeners("B3 a setting that a store does not know is not sent to it", async (listener) => {
  await using proxy = await start(listener, { kind: "minio" });
  const body = "<Nothing/>";
  for (
    const [method, target] of [
      ["DELETE", "/mine?publicAccessBlock"],
      ["DELETE", "/mine?ownershipControls"],
      ["DELETE", "/mine?cors"],
      ["DELETE", "/mine?encryption"],
    ] as const
  ) {
    proxy.assertRefused(await proxy.send({ method, target }), "NotImplemented");
  }
  for (const target of ["/mine?requestPayment", "/mine?accelerate", "/mine?website"]) {
    proxy.assertRefused(await proxy.send({ method: "PUT", target, body }), "NotImplemented");
  }
});

testListeners("B3 a setting's answer that is another document is no answer", async (listener) => {
  const list = "<ListBucketResult><Contents><Key>secret</Key></Contents></ListBucketResult>";
  for (const [status, body] of [[200, list], [200, ""], [204, ""]] as const) {
    await using proxy = await start(listener, {
      kind: "ceph",
      respond: () => ({ send: [formatResponse({ status, body })] }),
    });
    for (
      const target of [
        "/mine?tagging",
        "/mine?policy",
        "/mine?acl",
        "/mine/k?tagging",
        "/mine/k?acl",
      ]
    ) {
      const response = await proxy.send({ target });
      if (status === 204 && target.endsWith("acl") || body === "" && target.endsWith("acl")) {
        assert.equal(response.status, 502, target); // read as the document that it is to be
      } else assert.equal(response.errorCode, "NotImplemented", `${target} ${response.text}`);
      assert.ok(!response.text.includes("secret"));
    }
  }
});

testListeners("B4 parameters that are not S3's are not forwarded", async (listener) => {
  await using proxy = await start(listener, {
    kind: "minio",
    respond: (request) => ({
      send: [formatResponse({ ...answerLikeS3(request) })],
    }),
  });
  await proxy.send({ target: "/mine?list-type=2&metadata=true" });
  await proxy.send({ target: "/mine?lifecycle&withUpdatedAt=true" });
  assert.deepEqual(proxy.backend.requests.map(({ target }) => target), [
    "/mine?list-type=2",
    "/mine?lifecycle=",
  ]);
});

testListeners("B4 headers that a store loses are refused, or missed", async (listener) => {
  await using proxy = await start(listener, { kind: "garage" });
  for (
    const header of [
      ["x-amz-tagging", "a=1"],
      ["x-amz-object-lock-mode", "COMPLIANCE"],
      ["x-amz-server-side-encryption", "AES256"],
      ["x-amz-server-side-encryption-customer-algorithm", "AES256"],
    ] as const
  ) {
    for (const [method, target] of [["PUT", "/mine/k"], ["POST", "/mine/k?uploads"]] as const) {
      const response = await proxy.send({ method, target, headers: [header] });
      proxy.assertRefused(response, "NotImplemented");
    }
    const headers = [["x-amz-copy-source", "mine/s"], header] as const;
    const copied = await proxy.send({ method: "PUT", target: "/mine/k", headers });
    proxy.assertRefused(copied, "NotImplemented");
  }
  for (
    const [header, told] of [
      ["x-amz-server-side-encryption", undefined],
      ["x-amz-server-side-encryption", "aws:kms"],
      ["x-amz-server-side-encryption-customer-algorithm", undefined],
    ] as const
  ) {
    await using losing = await start(listener, {
      kind: "aws",
      respond: () => ({
        send: [formatResponse({ headers: told === undefined ? [] : [[header, told]] })],
      }),
    });
    const headers = [[header, "AES256"]] as const;
    const response = await losing.send({ method: "PUT", target: "/mine/k", headers, body: "x" });
    assert.equal(response.status, 502);
    assert.match(await losing.readLog(), /"level":"error"[^\n]*has not encrypted/);
  }
});

testListeners("B5 a read of a version or a part must be answered with it", async (listener) => {
  for (const [told, status] of [[undefined, 501], ["v2", 501], ["v1", 200]] as const) {
    await using proxy = await start(listener, {
      kind: "minio",
      respond: () => ({
        send: [formatResponse({
          body: "content",
          headers: told === undefined ? [] : [["x-amz-version-id", told]],
        })],
      }),
    });
    const response = await proxy.send({ target: "/mine/k?versionId=v1" });
    assert.equal(response.status, status);
    assert.equal(response.text.includes("content"), status === 200);
    assert.equal((await proxy.send({ target: "/mine/k?partNumber=2" })).status, 501);
  }
});

testListeners(
  "B6 where a store ignores conditions, one PutObject at a time has its own",
  async (listener) => {
    let isThere = false;
    await using proxy = await start(listener, {
      kind: "garage",
      respond: ({ method }) => {
        if (method === "HEAD") return { send: [formatResponse({ status: isThere ? 200 : 404 })] };
        isThere = true;
        return {};
      },
    });
    const request: SignedRequest = {
      method: "PUT",
      target: "/mine/k",
      headers: [["if-none-match", "*"]],
      body: "x",
    };
    for (const targets of [["/mine/k", "/mine/k"], ["/mine/a/k", "/mine/a//k"]]) {
      isThere = false;
      const both = await Promise.all(targets.map((target) => proxy.send({ ...request, target })));
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 412]);
    }
    const writes = proxy.backend.requests.filter(({ method }) => method === "PUT");
    assert.deepEqual(writes.map((seen) => seen.header("if-none-match")), [undefined, undefined]);
  },
);

testListeners("B7 who may not make a bucket does not make one by an upload", async (listener) => {
  await using proxy = await start(listener, {
    kind: "seaweedfs",
    respond: ({ method }) => ({
      send: [formatResponse({ status: method === "HEAD" ? 404 : 200 })],
    }),
  });
  const copy = [["x-amz-copy-source", "mine/s"]] as const;
  for (
    const request of [
      { method: "PUT", target: "/mine/k", body: "x" },
      { method: "PUT", target: "/mine/k", headers: copy },
      { method: "POST", target: "/mine/k?uploads" },
    ]
  ) {
    const response = await proxy.send({ ...request, key: CAROL });
    assert.equal(response.errorCode, "NoSuchBucket");
  }
  assert.deepEqual([...new Set(proxy.backend.requests.map(({ startLine }) => startLine))], [
    "HEAD /mine HTTP/1.1",
  ]);
  const own = await proxy.send({ method: "PUT", target: "/mine/k", body: "x", key: ALICE });
  assert.equal(own.status, 200);
});

testListeners("B8 an ACL without an owner names nobody but the user", async (listener) => {
  const grant = (id: string): string =>
    `<Grant><Grantee><ID>${id}</ID><DisplayName>root</DisplayName></Grantee>` +
    "<Permission>FULL_CONTROL</Permission></Grant>";
  const acl = (owner: string, id: string): string =>
    `<AccessControlPolicy>${owner}<AccessControlList>${grant(id)}</AccessControlList>` +
    "</AccessControlPolicy>";
  const body = acl("", "id-of-the-master");
  const tell = (body: string): Respond => () => ({ send: [formatResponse({ body })] });
  for (const document of [body, acl("<Owner><ID>another-id</ID></Owner>", "MASTER")]) {
    await using proxy = await start(listener, { kind: "s3proxy", respond: tell(document) });
    const { text } = await proxy.send({ target: "/mine/k?acl" });
    assert.match(text, /<Grantee><ID>alice-key<\/ID>/);
    assert.doesNotMatch(text, /master|MASTER|root|another-id/);
  }
  await using other = await start(listener, { kind: "ceph", respond: tell(body) });
  const own = "<AccessControlPolicy><Owner><ID>alice-key</ID></Owner></AccessControlPolicy>";
  const put = await other.send({ method: "PUT", target: "/mine/k?acl", body: own });
  assert.equal(put.errorCode, "NotImplemented");
  assert.deepEqual(other.backend.requests.map(({ method }) => method), ["GET"]);
});

testListeners("B9 a look that is put off is SlowDown", async (listener) => {
  for (const status of [429, 503]) {
    await using proxy = await start(listener, {
      kind: "seaweedfs",
      respond: () => ({ send: [formatResponse({ status })] }),
    });
    const put = { method: "PUT", target: "/mine/k", body: "x", key: CAROL } as const;
    assert.equal((await proxy.send(put)).errorCode, "SlowDown");
    const headers = [["if-none-match", "*"]] as const;
    await using other = await start(listener, {
      kind: "garage",
      respond: () => ({ send: [formatResponse({ status })] }),
    });
    assert.equal((await other.send({ ...put, headers })).errorCode, "SlowDown");
    assert.deepEqual(other.backend.requests.map(({ method }) => method), ["HEAD"]);
  }
});
