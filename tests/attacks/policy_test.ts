/** What a policy denies, or allows on a condition, is not had by another way to say it. */

import assert from "node:assert/strict";
import {
  type Key,
  type ListenerName,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";

const KEEPER: Key = { accessKey: "keeper-key", secretKey: "keeper-secret-of-the-tests" };
const ALLOW_ALL = { Effect: "Allow", Action: "s3:*", Resource: "*" };

function start(listener: ListenerName, ...statements: object[]): Promise<ProxyUnderTest> {
  return ProxyUnderTest.start({
    listener,
    settings: {
      users: [{
        access_key: KEEPER.accessKey,
        secret_key: KEEPER.secretKey,
        policy: { Version: "2012-10-17", Statement: statements },
      }],
    },
  });
}

testListeners(
  "Z10 DeleteObjects past governance retention needs the right to, in a header and in the query",
  async (listener) => {
    await using proxy = await start(listener, { ...ALLOW_ALL, Action: "s3:DeleteObject*" });
    const body = "<Delete><Object><Key>k</Key><VersionId>1</VersionId></Object></Delete>";
    const bypass: SignedRequest[] = [
      { target: "/mine?delete", headers: [["x-amz-bypass-governance-retention", "true"]] },
      { target: "/mine?delete&X-Amz-Bypass-Governance-Retention=true" },
    ];
    for (const request of bypass) {
      // A right that the head asks for is decided on the head: no key could be allowed.
      const response = await proxy.send({ ...request, method: "POST", body, key: KEEPER });
      proxy.assertRefused(response, "AccessDenied");
    }
    assert.equal(proxy.backend.requests.length, 0);
    await proxy.send({ method: "POST", target: "/mine?delete", body, key: KEEPER });
    assert.equal(proxy.backend.requests.length, 1);
  },
);

for (
  const denial of [
    { Action: "s3:ListAllMyBuckets" },
    { Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { NotAction: "s3:GetObject" },
  ]
) {
  testListeners(`Z17 ListBuckets heeds a deny of ${JSON.stringify(denial)}`, async (listener) => {
    const deny = { Effect: "Deny", Resource: "*", ...denial };
    await using proxy = await start(listener, ALLOW_ALL, deny);
    proxy.assertRefused(await proxy.send({ target: "/", key: KEEPER }), "AccessDenied");
  });
}

testListeners("Z1 a version that may not be read may not be copied", async (listener) => {
  await using proxy = await start(listener, ALLOW_ALL, {
    Effect: "Deny",
    Action: "s3:GetObjectVersion",
    Resource: "*",
    Condition: { StringEquals: { "s3:VersionId": "leaked" } },
  });
  const headers = [["x-amz-copy-source", "mine/k?versionId=leaked"]] as const;
  const requests: SignedRequest[] = [
    { target: "/mine/k?versionId=leaked" },
    { method: "PUT", target: "/mine/copy", headers },
    { method: "PUT", target: "/mine/copy?partNumber=1&uploadId=u", headers },
  ];
  for (const request of requests) {
    proxy.assertRefused(await proxy.send({ ...request, key: KEEPER }), "AccessDenied");
  }
  await proxy.send({ target: "/mine/k?versionId=other", key: KEEPER });
  assert.equal(proxy.backend.requests.length, 1);
});

testListeners("a bound on s3:max-keys is not dodged by a number that is none", async (listener) => {
  await using proxy = await start(listener, {
    ...ALLOW_ALL,
    Action: "s3:ListBucket",
    Condition: { NumericLessThanEquals: { "s3:max-keys": 10 } },
  });
  for (const value of ["", "11", "-1", "0x5", "1e1", " 5", "5.0", "5,11"]) {
    const target = `/mine?max-keys=${encodeURIComponent(value)}`;
    const code = /^\d*$/.test(value) ? "AccessDenied" : "InvalidArgument";
    proxy.assertRefused(await proxy.send({ target, key: KEEPER }), code);
  }
  await proxy.send({ target: "/mine?max-keys=10", key: KEEPER });
  assert.equal(proxy.backend.requests.length, 1);
});
