/**
 * S: web identities. Whoever is refused here has been given nothing, and the backend has seen nothing.
 * @module
 */

import assert from "node:assert/strict";
import { AUDIENCE, complete, forge, ISSUER, SUBJECT } from "../support/identity.ts";
import { testListeners } from "../support/proxy_under_test.ts";
import {
  ask,
  assertStsRefused,
  assume,
  get,
  issuer,
  readElement,
  readSession,
  ROLE_ARN,
  start,
  stranger,
} from "../support/sts_client.ts";

testListeners(
  "S a web identity becomes a session with the rights of its role and no others",
  async (listener) => {
    await using proxy = await start({ listener });
    const response = await assume(proxy, `${await issuer.sign()}\n`);
    const session = readSession(response);
    assert.match(session.accessKey, /^ASIA[A-Z2-7]{16}$/);
    assert.match(readElement(response, "Expiration"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(readElement(response, "SubjectFromWebIdentityToken"), SUBJECT);
    assert.equal((await get(proxy, { target: "/artifacts/builds/1", session })).status, 200);
    const [request] = proxy.backend.requests;
    assert.doesNotMatch(JSON.stringify(request), /security-token/i);
    for (const target of ["/artifacts/other/1", "/mine/1", "/artifacts?uploads"]) {
      const refused = await get(proxy, { target, session });
      assert.equal(refused.errorCode, "AccessDenied", target);
    }
    assert.equal(proxy.backend.requests.length, 1);
    const log = await proxy.readLog();
    assert.match(log, /"user":"role\/builder\/job-17"/);
    assert.match(
      log,
      /"principal":"web:https:\/\/issuer\.test:repo:example\/app:ref:refs\/heads\/main"/,
    );
    assert.ok(!log.includes(session.token) && !log.includes(session.secretKey));
  },
);

testListeners(
  "S a token in the query, with no body and no role, is taken and never logged",
  async (listener) => {
    await using proxy = await start({ listener });
    const token = await issuer.sign();
    const query = new URLSearchParams({
      Version: "2011-06-15",
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: ROLE_ARN,
      WebIdentityToken: token,
      DurationSeconds: "43200",
    });
    for (const target of [`/?${query}`, `/sts?${query}`, `/sts/?${query}`]) {
      const headers = [["host", proxy.host], ["content-length", "0"]] as const;
      readSession(await proxy.sendRaw({ method: "POST", target, headers }));
    }
    assert.ok(!(await proxy.readLog()).includes(token));
  },
);

const WRONG_TOKENS: readonly (readonly [
  name: string,
  make: () => string | Promise<string>,
  code: string,
])[] = [
  ["of another issuer", () => issuer.sign({ iss: "https://other.test" }), "InvalidIdentityToken"],
  [
    "of an issuer with a slash more",
    () => issuer.sign({ iss: `${ISSUER}/` }),
    "InvalidIdentityToken",
  ],
  ["for another audience", () => issuer.sign({ aud: "other" }), "AccessDenied"],
  ["without an audience", () => issuer.sign({ aud: undefined }), "InvalidIdentityToken"],
  ["of another subject", () => issuer.sign({ sub: "repo:evil/app:ref:x" }), "AccessDenied"],
  ["of a subject that ends so", () => issuer.sign({ sub: "x:repo:example/app:1" }), "AccessDenied"],
  ["without a subject", () => issuer.sign({ sub: undefined }), "InvalidIdentityToken"],
  ["that is signed by nobody", () => forge("none"), "InvalidIdentityToken"],
  [
    "that is signed with the public key",
    () => forge("HS256", { secret: issuer.keySet }),
    "InvalidIdentityToken",
  ],
  ["that another key has signed", () => stranger.sign(), "InvalidIdentityToken"],
  ["of a key that is not there", () => issuer.sign({}, { kid: "key-2" }), "InvalidIdentityToken"],
  ["that brings its own key along", async () => {
    const [jwk] = JSON.parse(stranger.keySet).keys;
    return await stranger.sign({}, {
      jwk,
      jku: "https://other.test/keys",
      x5u: "https://other.test",
    });
  }, "InvalidIdentityToken"],
  [
    "with a critical header",
    () => issuer.sign({}, { crit: ["exp"], exp: 1 }),
    "InvalidIdentityToken",
  ],
  ["that has expired", () => issuer.sign({ exp: 1_700_000_000 }), "ExpiredTokenException"],
  ["without an expiry", () => issuer.sign({ exp: undefined }), "InvalidIdentityToken"],
  ["whose expiry is a text", () => issuer.sign({ exp: "4102444800" }), "InvalidIdentityToken"],
  ["not yet valid", () => issuer.sign({ nbf: 4_102_444_800 }), "InvalidIdentityToken"],
  ["from the future", () => issuer.sign({ iat: 4_102_444_800 }), "InvalidIdentityToken"],
  ["of 20 001 characters", () => issuer.sign({ pad: "x".repeat(15_000) }), "InvalidIdentityToken"],
  ["of nothing but dots", () => "..", "InvalidIdentityToken"],
  ["that is no token", () => "token", "InvalidIdentityToken"],
  // RFC 7519 §4: of a claim that is there twice the last one counts, in every check.
  ["of another issuer, too", () => signTwice("iss", "https://other.test"), "InvalidIdentityToken"],
  ["for another audience, too", () => signTwice("aud", "other"), "AccessDenied"],
  ["of another subject, too", () => signTwice("sub", "repo:evil/app:x"), "AccessDenied"],
  ["with another expiry, too", () => signTwice("exp", 1_700_000_000), "ExpiredTokenException"],
  ["with an expiry that is none, too", () => signTwice("exp", null), "InvalidIdentityToken"],
  ["that is a list", () => issuer.signText("[]"), "InvalidIdentityToken"],
  ["whose subject is a list", () => issuer.sign({ sub: [SUBJECT] }), "InvalidIdentityToken"],
  ["whose issuer is a list", () => issuer.sign({ iss: [ISSUER] }), "InvalidIdentityToken"],
  [
    "whose audience is inside another list",
    () => issuer.sign({ aud: [[AUDIENCE]] }),
    "InvalidIdentityToken",
  ],
  ["of no JSON", () => issuer.signText('{"iss":'), "InvalidIdentityToken"],
  [
    "that is not UTF-8",
    () => issuer.signText(Uint8Array.of(0x22, 0xff, 0x22)),
    "InvalidIdentityToken",
  ],
];

/** A token that has the claim as it should be, and behind that another one of the same name. */
function signTwice(name: string, value: unknown): Promise<string> {
  const text = JSON.stringify(complete({}));
  return issuer.signText(`${text.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`);
}

testListeners("S a token that is not right is refused", async (listener) => {
  await using proxy = await start({ listener });
  for (const [name, make, code] of WRONG_TOKENS) {
    const token = await make();
    const response = await assume(proxy, token);
    assert.equal(readElement(response, "Code"), code, name);
    assertStsRefused(proxy, response, code);
    // Neither what was wrong with the trust nor whether there is such a role.
    assert.doesNotMatch(response.text, /builder|issuer\.test/, name);
    assert.ok(token.length < 10 || !(await proxy.readLog()).includes(token), name);
  }
});

testListeners(
  "S a role that is not there is refused as one that trusts others is",
  async (listener) => {
    await using proxy = await start({ listener });
    const token = await issuer.sign();
    const texts = [];
    for (const name of ["missing", "untrusting", "__proto__", "constructor"]) {
      const response = await assume(proxy, token, { RoleArn: ROLE_ARN.replace("builder", name) });
      assertStsRefused(proxy, response, "AccessDenied");
      texts.push(response.text.replace(/<RequestId>.*/, ""));
    }
    assert.equal(new Set(texts).size, 1);
    const other = await assume(proxy, token, {
      RoleArn: ROLE_ARN.replace("000000000000", "111122223333"),
    });
    assertStsRefused(proxy, other, "AccessDenied");
  },
);

const WRONG_PARAMETERS: readonly (readonly [
  name: string,
  parameters: Readonly<Record<string, string>>,
  code: string,
])[] = [
  ["no RoleArn where no role is the default", { RoleArn: "" }, "ValidationError"],
  ["a role's name with a slash", { RoleArn: `${ROLE_ARN}/x` }, "ValidationError"],
  ["a user's ARN", { RoleArn: "arn:aws:iam::000000000000:user/builder" }, "ValidationError"],
  ["a session name with a slash", { RoleSessionName: "a/b" }, "ValidationError"],
  ["a session name of 65 characters", { RoleSessionName: "a".repeat(65) }, "ValidationError"],
  ["899 seconds", { DurationSeconds: "899" }, "ValidationError"],
  ["seconds that are none", { DurationSeconds: "1e5" }, "ValidationError"],
  [
    "a policy by its ARN",
    { "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/x" },
    "ValidationError",
  ],
  ["a policy that is none", { Policy: "{}" }, "MalformedPolicyDocument"],
  ["a policy that is no JSON", { Policy: "{" }, "MalformedPolicyDocument"],
  [
    "a policy of 2049 characters",
    { Policy: `{"a":"${"x".repeat(2041)}"}` },
    "PackedPolicyTooLarge",
  ],
  ["a provider's id", { ProviderId: "graph.example.com" }, "ValidationError"],
];

testListeners("S a parameter that cannot be is refused", async (listener) => {
  await using proxy = await start({ listener });
  for (const [name, parameters, code] of WRONG_PARAMETERS) {
    const response = await assume(proxy, await issuer.sign(), parameters);
    assert.equal(readElement(response, "Code"), code, name);
    assertStsRefused(proxy, response, code);
  }
});

testListeners(
  "S claims have to be as the role wants them, nested ones by their pointer",
  async (listener) => {
    await using proxy = await start({ listener });
    const RoleArn = ROLE_ARN.replace("builder", "claimed");
    const inNamespace = (namespace: unknown): object => ({ "kubernetes.io": { namespace } });
    const good = await issuer.sign({ repository_id: 42, ...inNamespace("cd") });
    readSession(await assume(proxy, good, { RoleArn }));
    for (
      const claims of [
        {},
        { repository_id: "42" },
        { repository_id: "421", ...inNamespace("ci") },
        { repository_id: "42", ...inNamespace("kube-system") },
        { repository_id: "42", ...inNamespace({ ci: "ci" }) },
        { repository_id: "42", "/kubernetes.io/namespace": "ci" },
        { repository_id: ["41", "43"], ...inNamespace("ci") },
      ]
    ) {
      const response = await assume(proxy, await issuer.sign(claims), { RoleArn });
      assertStsRefused(proxy, response, "AccessDenied");
    }
  },
);

testListeners(
  "S claims inside each other, as deep as they fit, cost what they are long",
  async (listener) => {
    await using proxy = await start({ listener });
    const RoleArn = ROLE_ARN.replace("builder", "claimed");
    const good = JSON.stringify(complete({ repository_id: "42" })).slice(0, -1);
    for (const [open, close] of [['{"a":', "}"], ["[", "]"], ['{"kubernetes.io":', "}"]] as const) {
      const depth = Math.floor(13_000 / (open.length + close.length));
      const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const token = await issuer.signText(`${good},"kubernetes.io":${nested}}`);
      assert.ok(token.length > 17_000 && token.length < 20_000);
      assertStsRefused(proxy, await assume(proxy, token, { RoleArn }), "AccessDenied");
    }
  },
);

testListeners(
  "S who names no role gets the provider's, if it trusts him; a role that is named is that one",
  async (listener) => {
    await using proxy = await start({ listener, provider: { default_role: "builder" } });
    for (const RoleArn of [undefined, ""]) {
      const parameters = {
        Action: "AssumeRoleWithWebIdentity",
        WebIdentityToken: await issuer.sign(),
        ...(RoleArn === undefined ? {} : { RoleArn }),
      };
      const session = readSession(await ask(proxy, parameters));
      assert.equal((await get(proxy, { target: "/artifacts/builds/1", session })).status, 200);
    }
    proxy.backend.requests.length = 0;
    const stranger = await issuer.sign({ sub: "repo:evil/app:x" });
    assertStsRefused(proxy, await assume(proxy, stranger, { RoleArn: "" }), "AccessDenied");
    const RoleArn = ROLE_ARN.replace("builder", "missing");
    assertStsRefused(proxy, await assume(proxy, await issuer.sign(), { RoleArn }), "AccessDenied");
  },
);
