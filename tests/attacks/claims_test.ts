/**
 * What a policy's conditions see of a session's claims: where they cannot tell, a Deny counts and an Allow does not.
 * @module
 */

import assert from "node:assert/strict";
import { AUDIENCE, ISSUER } from "../support/identity.ts";
import {
  type ListenerName,
  type ProxyUnderTest,
  testListeners,
} from "../support/proxy_under_test.ts";
import {
  askSigned,
  assume,
  get,
  issuer,
  readSession,
  ROLE_ARN,
  type SessionKey,
  start,
} from "../support/sts_client.ts";

const EVERYTHING = { Effect: "Allow", Action: "s3:*", Resource: "*" };

/** A proxy whose role has `statements`. */
function startWith(
  listener: ListenerName,
  ...statements: readonly object[]
): Promise<ProxyUnderTest> {
  const policy = { Version: "2012-10-17", Statement: statements };
  const trust = [{ issuer: ISSUER, audience: AUDIENCE, subject: "*:*" }, { users: ["alice-key"] }];
  return start({ listener, builder: { grants: undefined, policy, trust } });
}

/** A session of somebody with `claims`. */
async function sessionOf(
  proxy: ProxyUnderTest,
  claims: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, string>> = {},
): Promise<SessionKey> {
  return readSession(await assume(proxy, await issuer.sign(claims), more));
}

const TARGET = "/artifacts/1";

testListeners("S a Deny by a claim holds for who has several values of it", async (listener) => {
  await using proxy = await startWith(listener, EVERYTHING, {
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringEquals: { "jwt:groups": "contractors" } },
  });
  const unread = [{ contractors: true }, ["staff", { name: "contractors" }], ["staff", null]];
  const several = [["contractors", "staff"], ["a", "b"]];
  for (const groups of ["contractors", ["contractors"], ...several, ...unread]) {
    const session = await sessionOf(proxy, { groups });
    proxy.assertRefused(await get(proxy, { target: TARGET, session }), "AccessDenied");
  }
  for (const groups of [undefined, null, [], "staff", ["staff"]]) {
    const session = await sessionOf(proxy, { groups });
    assert.equal((await get(proxy, { target: TARGET, session })).status, 200);
  }
});

testListeners(
  "S an Allow by a claim holds for none who has several values of it",
  async (listener) => {
    const condition = (operator: string, value: string): object => ({
      ...EVERYTHING,
      Condition: { [operator]: { "jwt:groups": value } },
    });
    const operators = [
      ["StringEquals", "a"],
      ["StringNotEquals", "c"],
      ["StringLikeIfExists", "a"],
      ["StringNotEqualsIgnoreCase", "C"],
      ["Null", "true"],
      ["Null", "false"],
    ] as const;
    for (const [operator, value] of operators) {
      await using proxy = await startWith(listener, condition(operator, value));
      const session = await sessionOf(proxy, { groups: ["a", "b"] });
      proxy.assertRefused(await get(proxy, { target: TARGET, session }), "AccessDenied");
    }
    await using proxy = await startWith(listener, {
      ...EVERYTHING,
      Resource: "arn:aws:s3:::artifacts/${jwt:groups, 'none'}/*",
    });
    const target = "/artifacts/none/1";
    const several = await sessionOf(proxy, { groups: ["a", "b"] });
    proxy.assertRefused(await get(proxy, { target, session: several }), "AccessDenied");
    const none = await sessionOf(proxy, {});
    assert.equal((await get(proxy, { target, session: none })).status, 200);
  },
);

testListeners("S a Deny by a claim that a session was not asked for holds", async (listener) => {
  const denial = {
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { StringEquals: { "jwt:department": "sales" } },
  };
  const claims = { department: "sales" };
  const before = await (async () => {
    await using proxy = await startWith(listener, EVERYTHING);
    return await sessionOf(proxy, claims);
  })();
  await using proxy = await startWith(listener, EVERYTHING, denial);
  proxy.assertRefused(await get(proxy, { target: TARGET, session: before }), "AccessDenied");
  const other = await sessionOf(proxy, { department: "research" });
  assert.equal((await get(proxy, { target: TARGET, session: other })).status, 200);
  // By a user, of whom nobody says anything.
  const parameters = { Action: "AssumeRole", RoleArn: ROLE_ARN, RoleSessionName: "deploy" };
  const users = readSession(await askSigned(proxy, { parameters }));
  assert.equal((await get(proxy, { target: TARGET, session: users })).status, 200);
  // By the session's own policy, for which nobody asks.
  await using open = await startWith(listener, EVERYTHING);
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [EVERYTHING, denial] });
  const bounded = await sessionOf(open, claims, { Policy });
  open.assertRefused(await get(open, { target: TARGET, session: bounded }), "AccessDenied");
});
