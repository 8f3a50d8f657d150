/**
 * What a policy's conditions see of a request: a Deny is not lifted by leaving something out, nor an Allow met by a header
 * that the action does not have.
 * @module
 */

import assert from "node:assert/strict";
import {
  type Key,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";

const USER: Key = { accessKey: "conditions-key", secretKey: "conditions-secret-of-the-tests" };

function startWith(
  listener: "serve" | "hardened",
  ...statements: readonly object[]
): Promise<ProxyUnderTest> {
  const policy = { Version: "2012-10-17", Statement: statements };
  const { accessKey: access_key, secretKey: secret_key } = USER;
  return ProxyUnderTest.start({
    listener,
    settings: { users: [{ name: "conditions", access_key, secret_key, policy }] },
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
