/**
 * S: sessions. Whoever is refused here has been given nothing, and the backend has seen nothing.
 * @module
 */

import assert from "node:assert/strict";
import { AUDIENCE, ISSUER } from "../support/identity.ts";
import { ALICE, testListeners } from "../support/proxy_under_test.ts";
import type { RawResponse } from "../support/raw_client.ts";
import { sha256 } from "../support/signer.ts";
import {
  ask,
  askSigned,
  assertStsRefused,
  assume,
  get,
  issuer,
  readElement,
  readSession,
  ROLE_ARN,
  start,
  type StartOptions,
  STS_KEY,
} from "../support/sts_client.ts";

testListeners("S a session token that was changed anywhere is refused", async (listener) => {
  await using proxy = await start({ listener });
  const session = readSession(await assume(proxy, await issuer.sign()));
  const { token } = session;
  for (let at = 0; at < token.length; at += 7) {
    const flipped = token[at] === "A" ? "B" : "A";
    const changed = token.slice(0, at) + flipped + token.slice(at + 1);
    const response = await get(proxy, {
      target: "/artifacts/builds/1",
      session: { ...session, token: changed },
    });
    proxy.assertRefused(response, "InvalidToken");
  }
  for (const changed of [token.slice(0, -1), `${token}A`, `${token}=`, "x", "x".repeat(2049)]) {
    const response = await get(proxy, {
      target: "/artifacts/builds/1",
      session: { ...session, token: changed },
    });
    proxy.assertRefused(response, "InvalidToken");
  }
});

testListeners("S a session token is nobody else's, signed or not at all", async (listener) => {
  await using proxy = await start({ listener });
  const one = readSession(await assume(proxy, await issuer.sign()));
  const other = readSession(await assume(proxy, await issuer.sign()));
  const target = "/artifacts/builds/1";
  const refused: readonly (readonly [code: string, sent: Promise<RawResponse>])[] = [
    ["InvalidToken", get(proxy, { target, session: { ...one, accessKey: other.accessKey } })],
    [
      "SignatureDoesNotMatch",
      get(proxy, { target, session: { ...one, secretKey: other.secretKey } }),
    ],
    ["InvalidToken", get(proxy, { target, session: { ...ALICE, token: one.token } })],
    ["InvalidAccessKeyId", proxy.send({ target, key: one })],
    [
      "AccessDenied",
      proxy.send({ target, key: one, unsigned: [["x-amz-security-token", one.token]] }),
    ],
    // Twice, both signed: what two readers could read as two tokens is none.
    ...[one.token, other.token, ""].map((second) =>
      [
        "InvalidToken",
        proxy.send({
          target,
          key: one,
          headers: [["x-amz-security-token", `${one.token},${second}`]],
        }),
      ] as const
    ),
    ["InvalidToken", proxy.send({ target, key: one, headers: [["x-amz-security-token", ""]] })],
    [
      "InvalidToken",
      proxy.send({
        target: `${target}?X-Amz-Security-Token=${one.token}`,
        key: one,
        headers: [["x-amz-security-token", one.token]],
      }),
    ],
    [
      "InvalidToken",
      proxy.sendPresigned({
        target,
        expires: 60,
        ...one,
        extraQuery: { "X-Amz-Security-Token": other.token },
      }),
    ],
  ];
  for (const [code, sent] of refused) proxy.assertRefused(await sent, code);
});

testListeners("S a session presigns URLs, which end with it", async (listener) => {
  await using proxy = await start({ listener });
  const session = readSession(await assume(proxy, await issuer.sign()));
  const presigned = {
    target: "/artifacts/builds/1",
    expires: 604_800,
    ...session,
    extraQuery: { "X-Amz-Security-Token": session.token },
  };
  assert.equal((await proxy.sendPresigned(presigned)).status, 200);
  assert.ok(!(await proxy.readLog()).includes(session.token));
});

testListeners(
  "S what seals, what it trusts and when: each ends a session given before",
  async (listener) => {
    const session = await (async () => {
      await using proxy = await start({ listener });
      return readSession(await assume(proxy, await issuer.sign()));
    })();
    const target = "/artifacts/builds/1";
    const after = new Date(Date.now() + 60_000).toISOString();
    const changes: readonly (readonly [code: string, options: StartOptions])[] = [
      ["InvalidToken", { sts: { keys: ["another-sealing-key-of-the-tests-with-32-characters"] } }],
      ["ExpiredToken", { builder: { trust: [{ users: ["alice-key"] }] } }],
      ["ExpiredToken", {
        builder: { trust: [{ issuer: ISSUER, audience: AUDIENCE, subject: "x" }] },
      }],
      ["ExpiredToken", { builder: { sessions_valid_after: after } }],
      ["ExpiredToken", { builder: null }],
    ];
    for (const [code, options] of changes) {
      await using proxy = await start({ listener, ...options });
      proxy.assertRefused(await get(proxy, { target, session }), code);
    }
    // Rotated: the new key seals, the old one still opens.
    const keys = ["another-sealing-key-of-the-tests-with-32-characters", STS_KEY];
    await using proxy = await start({ listener, sts: { keys } });
    assert.equal((await get(proxy, { target, session })).status, 200);
  },
);

testListeners("S a session's own policy bounds it and never widens it", async (listener) => {
  await using proxy = await start({ listener });
  const policy = (statement: object): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const bounded = readSession(
    await assume(proxy, await issuer.sign(), {
      Policy: policy({
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::artifacts/builds/public/*",
      }),
    }),
  );
  const wide = readSession(
    await assume(proxy, await issuer.sign(), {
      Policy: policy({ Effect: "Allow", Action: "s3:*", Resource: "*" }),
    }),
  );
  const denying = readSession(
    await assume(proxy, await issuer.sign(), {
      Policy: policy({ Effect: "Deny", Action: "s3:*", Resource: "*" }),
    }),
  );
  for (
    const [session, target] of [
      [bounded, "/artifacts/builds/private/1"],
      [bounded, "/artifacts/other/1"],
      [wide, "/artifacts/other/1"],
      [wide, "/mine/1"],
      [denying, "/artifacts/builds/public/1"],
    ] as const
  ) proxy.assertRefused(await get(proxy, { target, session }), "AccessDenied");
  assert.equal(
    (await get(proxy, { target: "/artifacts/builds/public/1", session: bounded })).status,
    200,
  );
  assert.equal(
    (await get(proxy, { target: "/artifacts/builds/private/1", session: wide })).status,
    200,
  );
});

testListeners("S a user whom a role trusts assumes it, and nobody else does", async (listener) => {
  await using proxy = await start({ listener });
  const parameters = { Action: "AssumeRole", RoleArn: ROLE_ARN, RoleSessionName: "deploy" };
  const session = readSession(await askSigned(proxy, { parameters }));
  const { secretKey } = ALICE;
  const refused: readonly (readonly [code: string, sent: Promise<RawResponse>])[] = [
    ["MissingAuthenticationToken", ask(proxy, parameters)],
    [
      "InvalidClientTokenId",
      askSigned(proxy, { parameters, key: { accessKey: "nobody", secretKey } }),
    ],
    [
      "SignatureDoesNotMatch",
      askSigned(proxy, { parameters, key: { ...ALICE, secretKey: "x".repeat(20) } }),
    ],
    ["IncompleteSignature", askSigned(proxy, { parameters, service: "s3" })],
    ["AccessDenied", askSigned(proxy, { parameters, key: session, token: session.token })],
    [
      "AccessDenied",
      askSigned(proxy, {
        parameters,
        key: { accessKey: "admin-key", secretKey: "admin-secret-of-the-tests" },
      }),
    ],
    [
      "AccessDenied",
      askSigned(proxy, {
        parameters: { ...parameters, RoleArn: ROLE_ARN.replace("builder", "untrusting") },
      }),
    ],
    [
      "ValidationError",
      askSigned(proxy, { parameters: { ...parameters, DurationSeconds: "7200" } }),
    ],
  ];
  for (const [code, sent] of refused) assertStsRefused(proxy, await sent, code);
  const target = "/artifacts/builds/1";
  assert.equal((await get(proxy, { target, session })).status, 200);
  const identity = await askSigned(proxy, {
    parameters: { Action: "GetCallerIdentity" },
    key: session,
    token: session.token,
  });
  assert.equal(
    readElement(identity, "Arn"),
    "arn:aws:sts::000000000000:assumed-role/builder/deploy",
  );
});

testListeners(
  "S a user's own session has the user's rights, and gives no other",
  async (listener) => {
    await using proxy = await start({ listener });
    const parameters = { Action: "GetSessionToken" };
    const session = readSession(await askSigned(proxy, { parameters }));
    const again = await askSigned(proxy, { parameters, key: session, token: session.token });
    assertStsRefused(proxy, again, "AccessDenied");
    proxy.assertRefused(await get(proxy, { target: "/other/1", session }), "AccessDenied");
    assert.equal((await get(proxy, { target: "/mine/1", session })).status, 200);
  },
);

testListeners(
  "S a key from elsewhere than its user's addresses is given nothing",
  async (listener) => {
    const key = { accessKey: "far-key", secretKey: "far-secret-of-the-tests" };
    const far = { name: "far", access_key: key.accessKey, secret_key: key.secretKey };
    const users = [{ ...far, allowed_buckets: ["mine"], source_ips: ["192.0.2.0/24"] }];
    const builder = { trust: [{ users: ["far"] }] };
    const questions: readonly Readonly<Record<string, string>>[] = [
      { Action: "GetCallerIdentity" },
      { Action: "GetSessionToken" },
      { Action: "AssumeRole", RoleArn: ROLE_ARN, RoleSessionName: "deploy" },
    ];
    await using proxy = await start({ listener, users, builder });
    for (const parameters of questions) {
      assertStsRefused(proxy, await askSigned(proxy, { parameters, key }), "AccessDenied");
    }
    assert.match(await proxy.readLog(), /"user":"far".*"reason":"source_ip"/);
    const near = [{ ...users[0], source_ips: ["127.0.0.0/8"] }];
    await using open = await start({ listener, users: near, builder });
    for (const parameters of questions) {
      assert.equal((await askSigned(open, { parameters, key })).status, 200);
    }
  },
);

testListeners("S a session is over with the key that it was asked for with", async (listener) => {
  const keys = ["deployer-2026", "deployer-2027"].map((access_key) => ({
    access_key,
    secret_key: `${access_key}-secret-of-the-tests`,
  }));
  const [old] = keys;
  assert.ok(old !== undefined);
  const user = { name: "deployer", allowed_buckets: ["mine"] };
  const session = await (async () => {
    await using proxy = await start({ listener, users: [{ ...user, keys }] });
    return readSession(
      await askSigned(proxy, {
        parameters: { Action: "GetSessionToken" },
        key: { accessKey: old.access_key, secretKey: old.secret_key },
      }),
    );
  })();
  const renewed = { access_key: old.access_key, secret_key: "another-secret-of-the-tests" };
  for (const left of [keys.slice(1), [renewed, ...keys.slice(1)]]) {
    await using proxy = await start({ listener, users: [{ ...user, keys: left }] });
    proxy.assertRefused(await get(proxy, { target: "/mine/1", session }), "ExpiredToken");
  }
});

testListeners(
  "S a form that is none of STS's, or is not for the service, is S3's",
  async (listener) => {
    await using proxy = await start({ listener });
    for (const Action of ["CreateTopic", "ListUsers", "assumerole"]) {
      proxy.assertRefused(await ask(proxy, { Action }), "MethodNotAllowed");
    }
    const hosted = await proxy.sendRaw({
      method: "POST",
      target: "/?Action=GetCallerIdentity",
      headers: [["host", "mine.s3.test"], ["content-length", "0"]],
    });
    assert.doesNotMatch(hosted.text, /ErrorResponse/);
    assert.deepEqual(proxy.backend.requests, []);
  },
);

testListeners("S a form of 65 537 bytes, and a parameter twice, are refused", async (listener) => {
  await using proxy = await start({ listener });
  const long = await ask(proxy, { Action: "GetCallerIdentity", Pad: "x".repeat(65_536) });
  assertStsRefused(proxy, long, "ValidationError");
  const twice = await proxy.sendRaw({
    method: "POST",
    target: "/?Action=GetCallerIdentity&Action=GetSessionToken",
    headers: [["host", proxy.host], ["content-length", "0"]],
  });
  assertStsRefused(proxy, twice, "ValidationError");
});

testListeners(
  "S a session's token on STS itself is its own, whole and signed",
  async (listener) => {
    await using proxy = await start({ listener });
    const session = readSession(await assume(proxy, await issuer.sign()));
    const other = readSession(await assume(proxy, await issuer.sign()));
    const parameters = { Action: "GetCallerIdentity" };
    const asked = (token: string | undefined, key = session): Promise<RawResponse> =>
      askSigned(proxy, { parameters, key, ...(token === undefined ? {} : { token }) });
    const middle = session.token.length >> 1;
    const flipped = session.token.slice(0, middle) +
      (session.token[middle] === "A" ? "B" : "A") + session.token.slice(middle + 1);
    for (
      const [code, sent] of [
        ["InvalidClientTokenId", asked(undefined)],
        ["InvalidClientTokenId", asked(flipped)],
        ["InvalidClientTokenId", asked(other.token)],
        ["SignatureDoesNotMatch", asked(session.token, { ...session, secretKey: other.secretKey })],
      ] as const
    ) assertStsRefused(proxy, await sent, code);
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const unsigned = await proxy.send({
      method: "POST",
      target: "/",
      headers: [["content-type", "application/x-www-form-urlencoded"]],
      unsigned: [["x-amz-security-token", session.token]],
      key: session,
      payloadHash: sha256(body),
      service: "sts",
      body,
    });
    assertStsRefused(proxy, unsigned, "SignatureDoesNotMatch");
  },
);
