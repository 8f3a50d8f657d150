/**
 * What a policy's conditions see of a request: a Deny is not lifted by leaving something out, nor an Allow met by a header
 * that the action does not have.
 * @module
 */

import assert from "node:assert/strict";
import { requestHttp2 } from "../support/http2_client.ts";
import {
  type Key,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { signHeaders } from "../support/signer.ts";

const USER: Key = { accessKey: "conditions-key", secretKey: "conditions-secret-of-the-tests" };

function startWith(
  listener: "serve" | "hardened",
  ...statements: readonly object[]
): Promise<ProxyUnderTest> {
  const policy = { Version: "2012-10-17", Statement: statements };
  const { accessKey: access_key, secretKey: secret_key } = USER;
  return ProxyUnderTest.start({
    listener,
    settings: {
      security: { block_public_access: false },
      users: [{ name: "conditions", access_key, secret_key, policy }],
    },
  });
}

testListeners("a Deny of long lists holds for one that does not say how long", async (listener) => {
  await using proxy = await startWith(
    listener,
    { Effect: "Allow", Action: "s3:*", Resource: "*" },
    {
      Effect: "Deny",
      Action: ["s3:ListBucket", "s3:ListBucketVersions"],
      Resource: "*",
      Condition: { NumericGreaterThan: { "s3:max-keys": "10" } },
    },
  );
  for (const list of ["?list-type=2", "?versions", "?"]) {
    for (const more of ["", "&max-keys=11", "&max-keys="]) {
      const response = await proxy.send({ target: `/any-bucket${list}${more}`, key: USER });
      assert.equal(response.errorCode, "AccessDenied", `${list}${more}`);
    }
    await proxy.send({ target: `/any-bucket${list}&max-keys=10`, key: USER });
  }
  assert.equal(proxy.backend.requests.length, 3);
  // It lists nothing.
  const { status } = await proxy.send({ method: "HEAD", target: "/any-bucket", key: USER });
  assert.equal(status, 200);
});

testListeners("a header that an action does not have meets no condition", async (listener) => {
  await using proxy = await startWith(listener, {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject", "s3:ListBucketMultipartUploads"],
    Resource: "*",
    Condition: { StringEquals: { "s3:x-amz-storage-class": "STANDARD" } },
  }, {
    Effect: "Allow",
    Action: "s3:ListBucketMultipartUploads",
    Resource: "*",
    Condition: { StringLike: { "s3:prefix": "*" } },
  });
  const headers = [["x-amz-storage-class", "STANDARD"]] as const;
  const denied: readonly SignedRequest[] = [
    { target: "/any-bucket/k", headers },
    { target: "/any-bucket?uploads&prefix=a", headers },
    {
      method: "PUT",
      target: "/any-bucket/k",
      headers: [...headers, ["x-amz-copy-source", "any-bucket/source"]],
    },
  ];
  for (const request of denied) {
    proxy.assertRefused(await proxy.send({ ...request, key: USER }), "AccessDenied");
  }
  await proxy.send({ method: "PUT", target: "/any-bucket/k", headers, body: "x", key: USER });
  assert.equal(proxy.backend.requests.length, 1);
});

/** May do everything but publish an object, or put one into an archive. */
const DENYING_HEADERS = [
  { Effect: "Allow", Action: "s3:*", Resource: "*" },
  {
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringEquals: { "s3:x-amz-acl": "public-read" } },
  },
  {
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringEquals: { "s3:x-amz-storage-class": "GLACIER" } },
  },
];
const DENIED_HEADERS = [["x-amz-acl", "public-read"], ["x-amz-storage-class", "GLACIER"]] as const;
const WITH_BLANKS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => ` ${value}`,
  (value) => `${value}  `,
  (value) => `\t${value}\t `,
];

testListeners("blanks around a header in the query lift no Deny", async (listener) => {
  await using proxy = await startWith(listener, ...DENYING_HEADERS);
  const put = { method: "PUT", target: "/any-bucket/k", expires: 60, ...USER, body: "x" };
  for (const [name, value] of DENIED_HEADERS) {
    for (const write of WITH_BLANKS) {
      const response = await proxy.sendPresigned({ ...put, extraQuery: { [name]: write(value) } });
      proxy.assertRefused(response, "AccessDenied");
    }
  }
  assert.equal(
    (await proxy.sendPresigned({ ...put, extraQuery: { "x-amz-acl": " private " } })).status,
    200,
  );
});

Deno.test("blanks around a header of HTTP/2 lift no Deny [serve]", async () => {
  await using proxy = await startWith("serve", ...DENYING_HEADERS);
  const put = { method: "PUT", target: "/any-bucket/k" };
  for (const [name, value] of [...DENIED_HEADERS, ["x-amz-acl", "private"] as const]) {
    for (const write of WITH_BLANKS) {
      const { headers } = signHeaders({
        ...put,
        ...USER,
        date: new Date(),
        payloadHash: "UNSIGNED-PAYLOAD",
        headers: [["host", proxy.host], [name, write(value)]],
      });
      const { status } = await requestHttp2({
        ...proxy.destination,
        ...put,
        authority: proxy.host,
        headers: [...headers.slice(1), ["content-length", "1"]],
        body: "x",
      });
      assert.equal(status, value === "private" ? 200 : 403, JSON.stringify(write(value)));
    }
  }
  assert.equal(proxy.backend.requests.length, WITH_BLANKS.length);
});
