import assert from "node:assert/strict";
import { ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";

testListeners("Z12 replicas are for who may read all that they copy", async (listener) => {
  const statement = (effect: string, resource: string): object => ({
    Effect: effect,
    Action: "s3:*",
    Resource: resource,
  });
  const user = (name: string, statements: object[]): object => ({
    access_key: `${name}-key`,
    secret_key: `${name}-secret-of-the-tests`,
    policy: { Version: "2012-10-17", Statement: [statement("Allow", "*"), ...statements] },
  });
  const users = [
    user("all", []),
    user("barred", [statement("Deny", "arn:aws:s3:::mine/private/*")]),
  ];
  await using proxy = await ProxyUnderTest.start({ listener, settings: { users } });
  const body =
    "<ReplicationConfiguration><Rule><Destination><Bucket>arn:aws:s3:::app-copy</Bucket>" +
    "</Destination></Rule></ReplicationConfiguration>";
  const send = (name: string): ReturnType<typeof proxy.send> =>
    proxy.send({
      method: "PUT",
      target: "/mine?replication",
      body,
      key: { accessKey: `${name}-key`, secretKey: `${name}-secret-of-the-tests` },
    });
  proxy.assertRefused(await send("barred"), "AccessDenied");
  assert.equal((await send("all")).status, 200);
  assert.equal(proxy.backend.requests.length, 1);
});
