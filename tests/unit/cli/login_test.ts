import assert from "node:assert/strict";
import { login, type LoginRequest, type LoginWorld } from "../../../src/cli/login.ts";
import type { KeptLogin } from "../../../src/cli/login/login_cache.ts";
import { LoginError } from "../../../src/cli/login/login_error.ts";
import type { ProviderAnswer } from "../../../src/identity/fetch_document.ts";
import { LIMITS } from "../../../src/limits.ts";

const ISSUER = "https://id.example.com";
const NOW = new Date("2026-01-02T03:04:05Z");
const REQUEST: LoginRequest = {
  client: { issuer: ISSUER, clientId: "s3-proxy", scope: "openid offline_access" },
  roleArn: "arn:aws:iam::000000000000:role/dev",
  endpoint: "https://s3.example.com",
  asksPeople: true,
};
const DISCOVERY = {
  issuer: ISSUER,
  device_authorization_endpoint: `${ISSUER}/device`,
  token_endpoint: `${ISSUER}/token`,
};
const CODE = {
  device_code: "device-code",
  user_code: "ABCD-EFGH",
  verification_uri: `${ISSUER}/go`,
  expires_in: 600,
};
const TOKENS = { id_token: "identity-token", refresh_token: "refresh-2" };
const PENDING = { error: "authorization_pending" };

/** Answers in turn: a text, a document with 200, one with an `error` with 400, or none. */
type Scripted = Record<string, unknown> | Error | string;

interface World extends LoginWorld {
  readonly asked: string[];
  readonly told: string[];
  readonly slept: number[];
  kept: KeptLogin;
}

/** A world that gives each address its answers, the last of them again and again. */
function createWorld(
  answers: Record<string, readonly Scripted[]>,
  kept: KeptLogin = { session: undefined, refreshToken: undefined },
): World {
  const rest = new Map(Object.entries(answers).map(([uri, list]) => [uri, [...list]]));
  const world: World = {
    asked: [],
    told: [],
    slept: [],
    kept,
    ask: (uri, form) => {
      world.asked.push(`${uri} ${form?.get("grant_type") ?? form?.get("Action") ?? ""}`.trim());
      const list = rest.get(uri) ?? [];
      const answer = (list.length > 1 ? list.shift() : list[0]) ?? new Error("no route to host");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(format(answer));
    },
    tell: (text) => void world.told.push(text),
    sleep: (ms) => Promise.resolve(void world.slept.push(ms)),
    monotonicMs: () => world.slept.reduce((sum, ms) => sum + ms, 0),
    clock: () => NOW,
    cache: {
      read: () => world.kept,
      write: (login) => Promise.resolve(void (world.kept = login)),
      alone: (act) => act(),
    },
  };
  return world;
}

function format(answer: Record<string, unknown> | string): ProviderAnswer {
  if (typeof answer === "string") {
    return { status: answer.startsWith("<") ? 200 : 502, text: answer };
  }
  return { status: "error" in answer ? 400 : 200, text: JSON.stringify(answer) };
}

function buildSession(secondsLeft: number): NonNullable<KeptLogin["session"]> {
  const end = new Date(NOW.getTime() + secondsLeft * 1000).toISOString().replace(".000Z", "Z");
  return {
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "secret+/=",
    SessionToken: "session-token",
    Expiration: end,
  };
}

function formatSts(secondsLeft = 3600): string {
  const fields = Object.entries(buildSession(secondsLeft));
  return `<R><Credentials>${
    fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("")
  }</Credentials></R>`;
}

const GOOD: Record<string, readonly Scripted[]> = {
  [`${ISSUER}/.well-known/openid-configuration`]: [DISCOVERY],
  [`${ISSUER}/device`]: [CODE],
  [`${ISSUER}/token`]: [TOKENS],
  "https://s3.example.com/": [formatSts()],
};

const REFUSED: readonly (readonly [name: string, answers: typeof GOOD, message: RegExp])[] = [
  ["an issuer that calls itself otherwise", {
    [`${ISSUER}/.well-known/openid-configuration`]: [{ ...DISCOVERY, issuer: "https://x\u001b" }],
  }, /^The issuer at https:\/\/id\.example\.com calls itself "https:\/\/x\?", which it must not$/],
  ["an issuer without device codes", {
    [`${ISSUER}/.well-known/openid-configuration`]: [{ issuer: ISSUER }],
  }, /has no device_authorization_endpoint/],
  ["a token endpoint without TLS", {
    [`${ISSUER}/.well-known/openid-configuration`]: [{
      ...DISCOVERY,
      token_endpoint: "http://id.example.com/token",
    }],
  }, /token_endpoint is no URL of https/],
  ["an issuer that is not there", {
    [`${ISSUER}/.well-known/openid-configuration`]: [new Error("no route to host")],
  }, /^Cannot reach https:\/\/id\.example\.com\/\S+: no route to host$/],
  ["an issuer that answers no JSON", {
    [`${ISSUER}/.well-known/openid-configuration`]: ["not found"],
  }, /answers 502$/],
  ["a client that is not known there", {
    [`${ISSUER}/device`]: [{ error: "invalid_client", error_description: "no \u0007 such" }],
  }, /^The issuer gives no code: invalid_client: no \? such$/],
  ["a code that would write to the terminal", {
    [`${ISSUER}/device`]: [{ ...CODE, user_code: "\u001b[2J" }],
  }, /no code that could be shown/],
  ["an address that is no web page", {
    [`${ISSUER}/device`]: [{ ...CODE, verification_uri: "javascript:alert(1)" }],
  }, /no code that could be shown/],
  [
    "a refusal in the browser",
    { [`${ISSUER}/token`]: [PENDING, { error: "access_denied" }] },
    /^The login was refused$/,
  ],
  ["a code that has run out", { [`${ISSUER}/token`]: [{ error: "expired_token" }] }, /in time$/],
  ["nobody who answers", { [`${ISSUER}/token`]: [PENDING] }, /in time$/],
  ["another error", { [`${ISSUER}/token`]: [{ error: "invalid_grant" }] }, /invalid_grant$/],
  [
    "tokens without an identity",
    { [`${ISSUER}/token`]: [{ access_token: "a" }] },
    /^The issuer gives no id_token/,
  ],
  ["a proxy that trusts somebody else", {
    "https://s3.example.com/": [
      "Bad <Code>AccessDenied</Code><Message>Not authorized</Message>",
    ],
  }, /^The proxy gives no session of \S+:role\/dev: AccessDenied: Not authorized$/],
  ["a web server that is no proxy", { "https://s3.example.com/": ["<html>"] }, /is no s3-proxy$/],
];

for (const [name, answers, message] of REFUSED) {
  Deno.test(`login() refuses ${name}`, async () => {
    const world = createWorld({ ...GOOD, ...answers });
    await assert.rejects(login(REQUEST, world), (error) => {
      assert.ok(error instanceof LoginError);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(world.kept.session, undefined);
  });
}

Deno.test("login() waits as the issuer says: 5 s, 5 s more after slow_down, twice as long after silence", async () => {
  const token = [PENDING, { error: "slow_down" }, PENDING, new Error("reset"), "busy", TOKENS];
  const world = createWorld({ ...GOOD, [`${ISSUER}/token`]: token });
  assert.deepEqual(await login(REQUEST, world), buildSession(3600));
  assert.deepEqual(world.slept, [5000, 5000, 10_000, 10_000, 20_000, 40_000]);
  assert.deepEqual(world.told, ["Open https://id.example.com/go and enter the code ABCD-EFGH"]);
  assert.deepEqual(world.kept, { session: buildSession(3600), refreshToken: "refresh-2" });
});

Deno.test("login() asks for deviceCodeSecondsMax at the longest, however long the code is good", async () => {
  const code = { ...CODE, expires_in: 1e9, interval: 100 };
  const world = createWorld({
    ...GOOD,
    [`${ISSUER}/device`]: [code],
    [`${ISSUER}/token`]: [PENDING],
  });
  await assert.rejects(login(REQUEST, world), LoginError);
  assert.equal(world.slept.length, LIMITS.deviceCodeSecondsMax / 100 - 1);
});

Deno.test("login() uses a session again that has more than 15 minutes left, and asks nobody", async () => {
  const session = buildSession(LIMITS.loginRenewedBeforeMs / 1000 + 1);
  const world = createWorld({}, { session, refreshToken: undefined });
  assert.equal(await login(REQUEST, world), session);
  assert.deepEqual(world.asked, []);
});

Deno.test("login() renews a session with the refresh token, and keeps the one that follows", async () => {
  const session = buildSession(LIMITS.loginRenewedBeforeMs / 1000);
  const world = createWorld(GOOD, { session, refreshToken: "refresh-1" });
  assert.deepEqual(await login({ ...REQUEST, asksPeople: false }, world), buildSession(3600));
  assert.deepEqual(world.kept, { session: buildSession(3600), refreshToken: "refresh-2" });
  assert.ok(!world.asked.includes(`${ISSUER}/device`));
});

Deno.test("login() keeps the refresh token that follows where the proxy gives no session", async () => {
  const answers = { ...GOOD, "https://s3.example.com/": [new Error("reset")] };
  const world = createWorld(answers, { session: undefined, refreshToken: "refresh-1" });
  await assert.rejects(login(REQUEST, world), /^LoginError: Cannot reach|Cannot reach/);
  assert.equal(world.kept.refreshToken, "refresh-2");
});

Deno.test("login() hands out what is left of a session while the issuer is silent", async () => {
  const session = buildSession(LIMITS.loginUsableMs / 1000 + 1);
  const world = createWorld({}, { session, refreshToken: "refresh-1" });
  assert.equal(await login(REQUEST, world), session);
  const over = { session: buildSession(60), refreshToken: "refresh-1" };
  await assert.rejects(login(REQUEST, createWorld({}, over)), /Cannot reach/);
});

Deno.test("login() asks people anew where the refresh token holds no more, and never without leave", async () => {
  const token = [{ error: "invalid_grant" }, TOKENS];
  const kept = { session: undefined, refreshToken: "refresh-1" };
  const quiet = createWorld({ ...GOOD, [`${ISSUER}/token`]: token }, kept);
  await assert.rejects(login({ ...REQUEST, asksPeople: false }, quiet), /The login is over/);
  assert.deepEqual(quiet.told, []);
  const world = createWorld({ ...GOOD, [`${ISSUER}/token`]: token }, kept);
  await login(REQUEST, world);
  assert.equal(world.told.length, 1);
});
