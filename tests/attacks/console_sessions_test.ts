/**
 * C: sessions at the console. They are proven as on the S3 side, and one that was given less than its role has is no
 * administrator's.
 */

import assert from "node:assert/strict";
import {
  askConsole,
  assertConsoleRefused,
  openConsole,
  PAGE_ORIGIN,
  readJson,
} from "../support/console_client.ts";
import { ADMIN, ALICE, type ProxyUnderTest, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { assume, issuer, readSession, type SessionKey, start } from "../support/sts_client.ts";

function startConsole(
  { page = {}, ...options }: { page?: object; listener?: "serve" | "hardened" } = {},
): Promise<ProxyUnderTest> {
  return start({
    ...options,
    sections: {
      console: {
        enabled: true,
        address: "127.0.0.1:0",
        public_url: PAGE_ORIGIN,
        admins: ["builder"],
        ...page,
      },
    },
  });
}

function askAs(proxy: ProxyUnderTest, target: string, session: SessionKey): Promise<RawResponse> {
  return askConsole(proxy, target, {
    key: session,
    headers: [["x-amz-security-token", session.token]],
  });
}

Deno.test("C15 a session of an administrator's role sees all, and itself as one", async () => {
  await using proxy = await startConsole();
  const session = readSession(await assume(proxy, await issuer.sign()));
  const me = readJson(await askAs(proxy, "/api/me", session));
  assert.equal(me.kind, "session");
  assert.equal(me.role, "builder");
  assert.equal(me.admin, true);
  assert.match(me.user, /^role\/builder\/job-17$/);
  assert.deepEqual(me.rights.map(({ buckets }: { buckets: string }) => buckets), ["artifacts"]);
  assert.equal((await askAs(proxy, "/api/live", session)).status, 200);
  const why = readJson(
    await askAs(proxy, `/api/why?method=GET&path=${encodeURIComponent("/other/k")}`, session),
  );
  assert.equal(why.allowed, false);
  assertConsoleRefused(await askConsole(proxy, "/api/live", { key: ADMIN }), "not_admin");
});

Deno.test("C16 a session is none without its token, with another's, or with one that is not signed", async () => {
  await using proxy = await startConsole();
  const session = readSession(await assume(proxy, await issuer.sign()));
  const other = readSession(
    await assume(proxy, await issuer.sign(), { RoleSessionName: "job-18" }),
  );
  assertConsoleRefused(await askConsole(proxy, "/api/me", { key: session }), "unknown_key");
  for (const token of [other.token, `${session.token}A`, "", "x"]) {
    const { status } = await askAs(proxy, "/api/me", { ...session, token });
    assert.equal(status, 403);
  }
  const unsigned = { key: session, unsigned: [["x-amz-security-token", session.token] as const] };
  assertConsoleRefused(await askConsole(proxy, "/api/me", unsigned), "signature_wrong");
  const ofUser = { key: ALICE, headers: [["x-amz-security-token", session.token] as const] };
  assertConsoleRefused(await askConsole(proxy, "/api/me", ofUser), "unknown_key");
});

Deno.test("C17 a session that was given less than its role has is no administrator's", async () => {
  await using proxy = await startConsole();
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
  });
  const session = readSession(await assume(proxy, await issuer.sign(), { Policy }));
  assert.equal(readJson(await askAs(proxy, "/api/me", session)).admin, false);
  assertConsoleRefused(await askAs(proxy, "/api/users", session), "not_admin");
});

Deno.test("C17 a session that was given less does not read that it may do all of its role's", async () => {
  await using proxy = await startConsole();
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Action: "s3:GetObjectAcl",
      Resource: "arn:aws:s3:::artifacts/a/*",
    }],
  });
  const narrowed = readSession(await assume(proxy, await issuer.sign(), { Policy }));
  assert.deepEqual(readJson(await askAs(proxy, "/api/me", narrowed)).no_more_than, [{
    buckets: "artifacts",
    keys: "a/*",
    rights: ["s3:GetObjectAcl"],
    rule: "session policy:Statement[0]",
  }]);
  const whole = readSession(await assume(proxy, await issuer.sign()));
  assert.equal(readJson(await askAs(proxy, "/api/me", whole)).no_more_than, undefined);
});

testListeners("C18 the page asks STS for a session, and may read the answer", async (listener) => {
  await using proxy = await startConsole({ listener });
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::000000000000:role/builder",
    RoleSessionName: "page",
    WebIdentityToken: await issuer.sign(),
  }).toString();
  for (const [origin, allowed] of [[PAGE_ORIGIN, PAGE_ORIGIN], ["https://evil.test", undefined]]) {
    const answer = await proxy.sendRaw({
      method: "POST",
      target: "/",
      headers: [
        ["host", proxy.host],
        ["origin", origin ?? ""],
        ["content-type", "application/x-www-form-urlencoded"],
        ["content-length", String(body.length)],
      ],
      body,
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.header("access-control-allow-origin"), allowed);
  }
  const bootstrap = readJson(await openConsole(proxy, "/bootstrap.json"));
  assert.equal(bootstrap.account_id, "000000000000");
  assert.doesNotMatch(JSON.stringify(bootstrap), /alice|builder|backend|MASTER/);
});
