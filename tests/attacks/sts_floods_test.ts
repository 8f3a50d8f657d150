/**
 * S: floods of STS, and limits of sessions. Rates are bounded by address and by issuer, no signature is looked at before what
 * costs nothing, and a quiet client beside it goes on.
 * @module
 */

import assert from "node:assert/strict";
import { LIMITS } from "../../src/limits.ts";
import { ALICE, type ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import { connectRaw, type RawResponse } from "../support/raw_client.ts";
import {
  askSigned,
  assertStsRefused,
  assume,
  get,
  issuer,
  readSession,
  ROLE_ARN,
  start,
  stranger,
  STS_KEY,
} from "../support/sts_client.ts";

const SECTIONS = {
  server: { trusted_proxies: ["127.0.0.1/32"] },
  metrics: { enabled: true, address: "127.0.0.1:0" },
};
const TARGET = "/artifacts/builds/1";

/** The bounds as `changed` while `act` runs; with those of the program it would take seconds to reach them. */
async function withLimits(
  changed: Partial<Record<keyof typeof LIMITS, number>>,
  act: () => Promise<void>,
): Promise<void> {
  const before = { ...LIMITS };
  Object.assign(LIMITS, changed);
  try {
    await act();
  } finally {
    Object.assign(LIMITS, before);
  }
}

/** GetCallerIdentity by nobody. */
function askFrom(proxy: ProxyUnderTest, address: string): Promise<RawResponse> {
  return proxy.sendRaw({
    method: "POST",
    target: "/?Action=GetCallerIdentity&Version=2011-06-15",
    headers: [["host", proxy.host], ["content-length", "0"], ["x-forwarded-for", address]],
  });
}

/** AssumeRoleWithWebIdentity by a job at `address`. */
async function assumeFrom(proxy: ProxyUnderTest, address: string): Promise<RawResponse> {
  const query = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE_ARN,
    RoleSessionName: "job-17",
    WebIdentityToken: await issuer.sign(),
  });
  return proxy.sendRaw({
    method: "POST",
    target: `/?${query}`,
    headers: [["host", proxy.host], ["content-length", "0"], ["x-forwarded-for", address]],
  });
}

async function countLimited(
  proxy: ProxyUnderTest,
  { user, limit }: { user: string; limit: string },
): Promise<number> {
  const { text } = await proxy.readAdmin("/metrics");
  const labels = `{user="${user}",limit="${limit}"} `;
  const line = text.split("\n").find((line) => line.includes(`limited_total${labels}`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

testListeners(
  "S an address that asks STS too often is told so; others are not",
  async (listener) => {
    const bounds = { stsRequestsOfAddressPerSecondMax: 0.001, stsRequestsOfAddressBurst: 3 };
    await withLimits(bounds, async () => {
      await using proxy = await start({ listener, sections: SECTIONS });
      for (
        const [address, ...same] of [
          ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"],
          ["2001:db8:1:2::1", "2001:db8:1:2:3::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::"],
        ]
      ) {
        assertStsRefused(proxy, await askFrom(proxy, address ?? ""), "MissingAuthenticationToken");
        for (const [index, other] of same.entries()) {
          const code = index < 2 ? "MissingAuthenticationToken" : "Throttling";
          assertStsRefused(proxy, await askFrom(proxy, other), code);
        }
      }
      for (const other of ["192.0.2.2", "2001:db8:1:3::1"]) {
        assertStsRefused(proxy, await askFrom(proxy, other), "MissingAuthenticationToken");
      }
      // Only STS is counted.
      const headers = [["x-forwarded-for", "192.0.2.1"]] as const;
      assert.equal((await proxy.send({ target: "/mine/1", headers })).status, 200);
      assert.equal(await countLimited(proxy, { user: "", limit: "sts_requests_of_address" }), 2);
    });
  },
);

testListeners(
  "S tokens of an issuer beyond its rate are not looked at, whoever sends them; sessions go on",
  async (listener) => {
    const bounds = {
      stsTokensOfAddressPerSecond: 0.001,
      stsTokensOfAddressBurst: 1,
      stsTokensOfIssuerPerSecondMax: 0.001,
      stsTokensOfIssuerBurst: 2,
    };
    await withLimits(bounds, async () => {
      await using proxy = await start({ listener, sections: SECTIONS });
      const session = readSession(await assume(proxy, await issuer.sign()));
      // What costs nothing is refused first, and counts for nothing.
      for (const claims of [{ iss: "https://other.test" }, { exp: undefined }, { exp: 1 }]) {
        assert.match((await assume(proxy, await issuer.sign(claims))).text, /Token/);
      }
      for (let sent = 0; sent < 2; sent++) {
        const response = await assume(proxy, await stranger.sign());
        assertStsRefused(proxy, response, "InvalidIdentityToken");
      }
      assertStsRefused(proxy, await assume(proxy, await stranger.sign()), "Throttling");
      assertStsRefused(proxy, await assume(proxy, await issuer.sign()), "Throttling");
      assert.match(await proxy.readLog(), /"reason":"sts_tokens_of_issuer"/);
      // A job elsewhere still gets its session, but no more than its address may have.
      readSession(await assumeFrom(proxy, "192.0.2.9"));
      assertStsRefused(proxy, await assumeFrom(proxy, "192.0.2.9"), "Throttling");
      assert.equal((await get(proxy, { target: TARGET, session })).status, 200);
    });
  },
);

testListeners("S STS says in its own form that too much is going on", async (listener) => {
  await using proxy = await start({
    listener,
    sections: { server: { max_in_flight_requests: 1 } },
  });
  using slow = await connectRaw(proxy.destination);
  const head = [
    "POST / HTTP/1.1",
    `Host: ${proxy.host}`,
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Length: 10",
  ];
  await slow.write(`${head.join("\r\n")}\r\n\r\nAction`);
  // Until the one before has been seen.
  let response = await assume(proxy, await issuer.sign());
  while (response.status === 200) response = await assume(proxy, await issuer.sign());
  assertStsRefused(proxy, response, "ServiceUnavailable");
});

/** How many of these sessions' requests, all at once, are told to slow down; the others are answered. */
async function countRefused(
  proxy: ProxyUnderTest,
  sessions: readonly ReturnType<typeof readSession>[],
): Promise<number> {
  const answers = await Promise.all(
    sessions.map((session) => get(proxy, { target: TARGET, session })),
  );
  const refused = answers.filter(({ errorCode }) => errorCode === "SlowDown");
  assert.ok(answers.every((answer) => answer.status === 200 || refused.includes(answer)));
  return refused.length;
}

testListeners(
  "S a role's limits hold for all sessions of one identity together, and for each identity",
  async (listener) => {
    const limits = { requests_per_second: 1, requests_burst: 2 };
    await using proxy = await start({ listener, builder: { limits }, sections: SECTIONS });
    const open = async (sub: string, name: string): Promise<ReturnType<typeof readSession>> =>
      readSession(await assume(proxy, await issuer.sign({ sub }), { RoleSessionName: name }));
    const one = await open("repo:example/app:1", "one");
    const two = await open("repo:example/app:1", "two");
    const other = await open("repo:example/app:2", "one");
    const refused = await countRefused(proxy, [one, two, one, two, one, two]);
    assert.ok(refused >= 3 && refused <= 4, `${refused} of 6`);
    assert.equal(await countRefused(proxy, [other, other]), 0);
    // The role, never the session: a client could make series without end.
    const limit = "requests_per_second";
    assert.equal(await countLimited(proxy, { user: "role/builder", limit }), refused);
    assert.doesNotMatch((await proxy.readAdmin("/metrics")).text, /builder\/one/);
  },
);

testListeners("S a user keeps his limits in a role that has none", async (listener) => {
  const key = { accessKey: "bob-key", secretKey: "bob-secret-of-the-tests" };
  const bob = {
    name: "bob",
    access_key: key.accessKey,
    secret_key: key.secretKey,
    limits: { requests_per_second: 1, requests_burst: 1 },
  };
  await using proxy = await start({
    listener,
    users: [bob],
    builder: { trust: [{ users: ["bob", "alice-key"] }] },
    sts: { keys: [STS_KEY] },
  });
  const parameters = { Action: "AssumeRole", RoleArn: ROLE_ARN, RoleSessionName: "deploy" };
  const session = readSession(await askSigned(proxy, { parameters, key }));
  assert.ok(await countRefused(proxy, [session, session, session, session]) >= 2);
  const free = readSession(await askSigned(proxy, { parameters, key: ALICE }));
  assert.equal(await countRefused(proxy, [free, free, free, free]), 0);
});
