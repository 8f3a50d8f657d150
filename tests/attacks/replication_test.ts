import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
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

testListeners("Z12 replicas go only where all may be overwritten and deleted", async (listener) => {
  const allow = (action: string[], resource: string): object => ({
    Effect: "Allow",
    Action: action,
    Resource: resource,
  });
  const policies: Readonly<Record<string, object[]>> = {
    barred: [allow(["s3:*"], "*"), {
      Effect: "Deny",
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::app-copy/protected/*",
    }],
    keeper: [allow(["s3:*"], "*"), {
      Effect: "Deny",
      Action: "s3:DeleteObject",
      Resource: "arn:aws:s3:::app-copy/protected/*",
    }],
    purger: [allow(["s3:*"], "*"), {
      Effect: "Deny",
      Action: "s3:DeleteObjectVersion",
      Resource: "arn:aws:s3:::*/protected/*",
    }],
    reader: [
      allow(["s3:*"], "arn:aws:s3:::mine"),
      allow(["s3:*"], "arn:aws:s3:::mine/*"),
      allow(["s3:PutReplicationConfiguration"], "arn:aws:s3:::app-copy"),
      allow(["s3:GetObject"], "arn:aws:s3:::app-copy/*"),
    ],
  };
  const appending = {
    access_key: "appending-key",
    secret_key: "appending-secret-of-the-tests",
    grants: [{ buckets: ["app-copy"], access: "append-only" }],
    policy: {
      Version: "2012-10-17",
      Statement: [
        allow(["s3:*"], "arn:aws:s3:::mine"),
        allow(["s3:*"], "arn:aws:s3:::mine/*"),
        allow(["s3:PutReplicationConfiguration"], "arn:aws:s3:::app-copy"),
        allow(["s3:DeleteObject*"], "arn:aws:s3:::app-copy/*"),
      ],
    },
  };
  const users = Object.entries(policies).map(([name, Statement]) => ({
    access_key: `${name}-key`,
    secret_key: `${name}-secret-of-the-tests`,
    policy: { Version: "2012-10-17", Statement },
  }));
  await using proxy = await ProxyUnderTest.start({
    listener,
    settings: { users: [...users, appending, ...COPIERS] },
  });
  const send = (name: string): ReturnType<typeof proxy.send> =>
    proxy.send({
      method: "PUT",
      target: "/mine?replication",
      body: replication(RULE),
      key: { accessKey: `${name}-key`, secretKey: `${name}-secret-of-the-tests` },
    });
  for (const name of [...Object.keys(policies), "appending"]) {
    proxy.assertRefused(await send(name), "AccessDenied");
  }
  assert.match(await proxy.readLog(), /"action":"s3:PutObject","resource":"arn:aws:s3:::app-copy"/);
  assert.equal((await send("copier")).status, 200);
});

testListeners("Z9 B9 replicas have no other owner than all objects have", async (listener) => {
  const owners = ["other", "tenant$other", "Destination", COPIER.accessKey];
  const settings = { users: COPIERS };
  await using proxy = await ProxyUnderTest.start({ listener, settings });
  const owned = (owner: string): string =>
    replication(
      RULE + RULE.replace(
        "</Destination>",
        `<AccessControlTranslation><Owner>${owner}</Owner></AccessControlTranslation></Destination>`,
      ),
    );
  for (const owner of owners) {
    const request = { method: "PUT", target: "/mine?replication", body: owned(owner), key: COPIER };
    proxy.assertRefused(await proxy.send(request), "AccessDenied");
  }
  await using open = await ProxyUnderTest.start({
    listener,
    settings: { ...settings, security: { block_public_access: false } },
  });
  const body = owned("other");
  const request = { method: "PUT", target: "/mine?replication", body, key: COPIER };
  assert.equal((await open.send(request)).status, 200);
});

const COPY = "<Destination><Bucket>arn:aws:s3:::app-copy</Bucket></Destination>";
const RULE = `<Rule><ID>a&amp;</ID>${COPY}</Rule>`;
const ROLE = "<Role>arn:aws:iam::1:role/r</Role>";

function replication(rules: string): string {
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  return `<ReplicationConfiguration ${namespace}>${rules}</ReplicationConfiguration>`;
}

/** May copy to one bucket only. */
const COPIER = { accessKey: "copier-key", secretKey: "copier-secret-of-the-tests" };
const COPIERS = [{
  access_key: COPIER.accessKey,
  secret_key: COPIER.secretKey,
  grants: [{ buckets: ["mine", "app-copy"], access: "full" }],
}];

testListeners("Z12 a replication is no more than S3 takes, and nothing else", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, settings: { users: COPIERS } });
  const send = (body: string): ReturnType<typeof proxy.send> =>
    proxy.send({ method: "PUT", target: "/mine?replication", body, key: COPIER });
  const rule = (elements: number): string => `<Rule>${"<a/>".repeat(elements - 1)}</Rule>`;
  const { replicationRulesMax, replicationRuleElementsMax } = LIMITS;
  const refused = [
    replication(RULE.repeat(replicationRulesMax + 2)),
    replication(rule(replicationRuleElementsMax + 1)),
    replication(rule(replicationRuleElementsMax).repeat(replicationRulesMax)),
    replication(`x${RULE}`),
    replication(`${RULE}x`),
    replication(RULE).replaceAll("ReplicationConfiguration", "BucketLoggingStatus"),
  ];
  for (const body of refused) proxy.assertRefused(await send(body), "MalformedXML");
  const foreign = RULE.replace("app-copy", "elsewhere");
  const hidden = replication(RULE.repeat(replicationRulesMax - 1) + foreign);
  proxy.assertRefused(await send(hidden), "AccessDenied");
  proxy.assertRefused(await send(replication(`${foreign}${RULE}`)), "AccessDenied");
  const grant = RULE.replace("</Rule>", "<Grantee/></Rule>");
  proxy.assertRefused(await send(replication(RULE + grant)), "AccessDenied");
});

testListeners("a replication of as many rules as there may be goes on", async (listener) => {
  await using proxy = await ProxyUnderTest.start({ listener, settings: { users: COPIERS } });
  const rules = ROLE + RULE.repeat(LIMITS.replicationRulesMax);
  const body = replication(`\n${rules}\n`);
  const sent = await proxy.send({ method: "PUT", target: "/mine?replication", body, key: COPIER });
  assert.equal(sent.status, 200);
  const [request] = proxy.backend.requests;
  const text = new TextDecoder().decode(request?.body);
  assert.equal(text, `<?xml version="1.0" encoding="UTF-8"?>${replication(rules)}`);
});
