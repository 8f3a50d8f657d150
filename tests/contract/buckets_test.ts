/** What a user with rights in a part of a bucket learns of the bucket: that it is there, as ListBuckets tells, no more. */

import assert from "node:assert/strict";
import {
  type Key,
  NOBODY,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";
import { formatResponse, type Respond } from "../support/recording_backend.ts";

const TEAM: Key = { accessKey: "team-a", secretKey: "team-a-secret-of-the-tests" };
const READER: Key = { accessKey: "reader", secretKey: "reader-secret-of-the-tests" };
const SHUT: Key = { accessKey: "shut", secretKey: "shut-secret-of-the-tests" };
const BLIND: Key = { accessKey: "blind", secretKey: "blind-secret-of-the-tests" };
const GRANT = { access: "read-write", buckets: ["shared"], prefixes: ["team-a/"] };
const SETTINGS = {
  users: [
    { ...pair(TEAM), grants: [GRANT] },
    {
      ...pair(READER),
      policy: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::shared/*" }],
    },
    { ...pair(SHUT), grants: [GRANT], policy: deny("s3:ListBucket", "arn:aws:s3:::shared") },
    { ...pair(BLIND), grants: [GRANT], policy: deny("s3:ListAllMyBuckets", "*") },
  ],
};
const CREATE: SignedRequest = { method: "PUT", target: "/shared" };
const HEAD: SignedRequest = { method: "HEAD", target: "/shared" };

function pair({ accessKey, secretKey }: Key): object {
  return { access_key: accessKey, secret_key: secretKey };
}

function deny(action: string, resource: string): object[] {
  return [{ Effect: "Deny", Action: action, Resource: resource }];
}

/** A backend that tells of the bucket more than S3 does. */
function answering(status: number): Respond {
  const headers = [["x-amz-bucket-region", "elsewhere"], ["x-rgw-object-count", "7"]] as const;
  return () => ({ send: [formatResponse({ status, headers })] });
}

for (const key of [TEAM, READER]) {
  testListeners(
    `HeadBucket finds the bucket that ${key.accessKey} sees, and tells no more`,
    async (listener) => {
      const respond = answering(200);
      await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
      const response = await proxy.send({ ...HEAD, key });
      assert.equal(response.status, 200);
      assert.equal(response.header("x-amz-bucket-region"), "us-east-1");
      assert.doesNotMatch(response.headerLines.join("\n"), /elsewhere|x-rgw|stored/i);
      assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD"]);
    },
  );

  testListeners(
    `CreateBucket of what ${key.accessKey} sees: BucketAlreadyOwnedByYou`,
    async (listener) => {
      const respond = answering(200);
      await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
      const response = await proxy.send({ ...CREATE, key });
      assert.deepEqual([response.status, response.errorCode], [409, "BucketAlreadyOwnedByYou"]);
      assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD"]);
      await proxy.stop();
      assert.match(await proxy.readLog(), /"decision":"deny","reason":"no_allow"/);
    },
  );
}

testListeners("a bucket that is not there is neither found nor made", async (listener) => {
  const respond = answering(404);
  await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
  assert.equal((await proxy.send({ ...HEAD, key: TEAM })).status, 404);
  assert.equal((await proxy.send({ ...CREATE, key: TEAM })).errorCode, "AccessDenied");
  assert.deepEqual(proxy.backend.requests.map(({ method }) => method), ["HEAD", "HEAD"]);
});

testListeners(
  "CreateBucket of a bucket that the backend cannot tell of: SlowDown",
  async (listener) => {
    for (const status of [429, 503]) {
      const respond = answering(status);
      await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
      assert.equal((await proxy.send({ ...CREATE, key: TEAM })).errorCode, "SlowDown");
    }
  },
);

for (
  const [name, key, target] of [
    ["another's bucket", TEAM, "/others"],
    ["a bucket, for who has no rule", NOBODY, "/shared"],
    ["a bucket, for who may not list buckets", BLIND, "/shared"],
  ] as const
) {
  testListeners(`${name}: neither HeadBucket nor CreateBucket asks for it`, async (listener) => {
    const respond = answering(200);
    await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS, respond });
    assert.equal((await proxy.send({ ...HEAD, target, key })).status, 403);
    proxy.assertRefused(await proxy.send({ ...CREATE, target, key }), "AccessDenied");
  });
}

testListeners("HeadBucket heeds a Deny of s3:ListBucket", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, settings: SETTINGS });
  assert.equal((await proxy.send({ ...HEAD, key: SHUT })).status, 403);
  assert.deepEqual(proxy.backend.requests, []);
});

for (
  const [name, request, instead] of [
    [
      "mc anonymous set",
      { method: "PUT", target: "/mine?policy", body: "{}" },
      /grants or policy.*presigned URLs/,
    ],
    ["a website", { method: "PUT", target: "/mine?website", body: "<x/>" }, /presigned URLs/],
    ["a public ACL", {
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-acl", "public-read"]],
      body: "a",
    }, /presigned URLs/],
  ] as const satisfies readonly (readonly [string, SignedRequest, RegExp])[]
) {
  testListeners(`${name} is refused, and told what to use instead`, async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    const response = await proxy.send(request);
    proxy.assertRefused(response, "AccessDenied");
    assert.match(response.text, instead);
    assert.match(response.text, /security\.block_public_access/);
  });
}

for (
  const [named, signed, backend, sent] of [
    ["fsn1", "fsn1", "us-east-1", undefined],
    ["fsn1", "fsn1", "default", "default"],
    ["us-east-1", "fsn1", "default", "default"],
    ["default", "us-east-1", "default", "default"],
    ["eu-west-1", "us-east-1", "default", "refused"],
    ["eu-west-1", "fsn1", "us-east-1", "refused"],
  ] as const
) {
  testListeners(
    `CreateBucket in ${named}, signed for ${signed}, where the backend's is ${backend}`,
    async (listener) => {
      const settings = {
        master_credentials: {
          access_key: "MASTER",
          secret_key: "master-secret-of-the-tests",
          endpoint: "http://127.0.0.1:9999", // which stands for the recording one
          region: backend,
        },
      };
      await using proxy = await ProxyUnderTest.start({ listener, settings });
      const body = "<CreateBucketConfiguration><LocationConstraint>" + named +
        "</LocationConstraint></CreateBucketConfiguration>";
      const response = await proxy.send({ method: "PUT", target: "/mine", body, region: signed });
      if (sent === "refused") return proxy.assertRefused(response, "InvalidLocationConstraint");
      assert.equal(response.status, 200, response.text);
      const text = new TextDecoder().decode(proxy.backend.requests[0]?.body);
      const [, constraint] = /<LocationConstraint>(.*)<\/LocationConstraint>/.exec(text) ?? [];
      assert.equal(constraint, sent);
    },
  );
}

testListeners("CreateBucket tells where the bucket is, as S3 does", async (listener) => {
  for (const [status, location] of [[200, "/mine"], [409, undefined]] as const) {
    await using proxy = await ProxyUnderTest.start({ listener, respond: answering(status) });
    const response = await proxy.send({ method: "PUT", target: "/mine" });
    assert.deepEqual([response.status, response.header("location")], [status, location]);
  }
});
