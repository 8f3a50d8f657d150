import assert from "node:assert/strict";
import type { IdentityProvider } from "../../../src/identity/identity_provider.ts";
import { IdentityError } from "../../../src/identity/identity_error.ts";
import { KeySet, parseKeySet } from "../../../src/identity/key_set.ts";
import { WebIdentityVerifier } from "../../../src/identity/web_identity.ts";
import { LIMITS } from "../../../src/limits.ts";
import { AUDIENCE, ISSUER, TestIssuer } from "../../support/identity.ts";

const first = await TestIssuer.create("first");
const second = await TestIssuer.create("second");

const PROVIDER: IdentityProvider = {
  issuer: ISSUER,
  audiences: [AUDIENCE],
  keysAt: { kind: "uri", uri: `${ISSUER}/keys` },
  authorities: undefined,
  clockSkewMs: 60_000,
  allowsPrivateAddresses: false,
  defaultRole: undefined,
};

/** A provider whose documents and clock a test sets. */
function createWorld(documents: Record<string, string | Error>): {
  nowMs: number;
  asked: string[];
  options: ConstructorParameters<typeof KeySet>[1];
} {
  const world = {
    nowMs: 0,
    asked: new Array<string>(),
    options: {
      monotonicMs: () => world.nowMs,
      fetchDocument: (uri: string): Promise<string> => {
        world.asked.push(uri);
        const document = documents[uri] ?? new Error("not there");
        return document instanceof Error ? Promise.reject(document) : Promise.resolve(document);
      },
    },
  };
  return world;
}

async function reasonOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof IdentityError, String(error));
    return error.reason;
  }
}

Deno.test("WebIdentityVerifier asks for keys once, and for a new key at most every keySetRetryMs", async () => {
  const documents: Record<string, string> = { [`${ISSUER}/keys`]: first.keySet };
  const world = createWorld(documents);
  const verifier = new WebIdentityVerifier([PROVIDER], world.options);
  const now = new Date();
  await Promise.all([1, 2, 3].map(async () => verifier.verify(await first.sign(), { now })));
  assert.equal(world.asked.length, 1);
  const token = await second.sign();
  assert.equal(await reasonOf(verifier.verify(token, { now })), "unknown_key");
  assert.equal(world.asked.length, 1, "a moment ago");
  world.nowMs = LIMITS.keySetRetryMs;
  assert.equal(await reasonOf(verifier.verify(token, { now })), "unknown_key");
  assert.equal(world.asked.length, 2);
  documents[`${ISSUER}/keys`] = second.keySet;
  world.nowMs = 2 * LIMITS.keySetRetryMs;
  await verifier.verify(token, { now });
  assert.equal(await reasonOf(verifier.verify(await first.sign(), { now })), "unknown_key");
});

Deno.test("WebIdentityVerifier keeps known keys while the provider is silent, for keySetStaleMs", async () => {
  const documents: Record<string, string | Error> = { [`${ISSUER}/keys`]: first.keySet };
  const world = createWorld(documents);
  const verifier = new WebIdentityVerifier([PROVIDER], world.options);
  const now = new Date();
  await verifier.verify(await first.sign(), { now });
  documents[`${ISSUER}/keys`] = new Error("down");
  world.nowMs = LIMITS.keySetStaleMs;
  await verifier.verify(await first.sign(), { now });
  assert.equal(world.asked.length, 2);
  world.nowMs = LIMITS.keySetStaleMs + 1;
  assert.equal(
    await reasonOf(verifier.verify(await first.sign(), { now })),
    "identity_provider_unreachable",
  );
});

Deno.test("WebIdentityVerifier looks at no signature, and asks nobody, for what its claims refuse", async () => {
  const world = createWorld({});
  const verifier = new WebIdentityVerifier([PROVIDER], world.options);
  const now = new Date();
  for (
    const [claims, reason] of [
      [{ iss: "https://other.test" }, "unknown_issuer"],
      [{ aud: ["other", "more"] }, "wrong_audience"],
      [{ exp: 1 }, "token_expired"],
      [{ exp: undefined }, "no_expiry"],
    ] as const
  ) assert.equal(await reasonOf(verifier.verify(await first.sign(claims), { now })), reason);
  const long = `${await first.sign()}${"A".repeat(LIMITS.webIdentityTokenCharactersMax)}`;
  assert.equal(await reasonOf(verifier.verify(long, { now })), "token_too_long");
  assert.deepEqual(world.asked, []);
});

Deno.test("WebIdentityVerifier takes a clock that is off by clock_skew, and no more", async () => {
  const world = createWorld({ [`${ISSUER}/keys`]: first.keySet });
  const verifier = new WebIdentityVerifier([PROVIDER], world.options);
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const seconds = now.getTime() / 1000;
  await verifier.verify(await first.sign({ exp: seconds - 59 }), { now });
  await verifier.verify(await first.sign({ nbf: seconds + 60, iat: seconds + 60 }), { now });
  const expired = verifier.verify(await first.sign({ exp: seconds - 60 }), { now });
  assert.equal(await reasonOf(expired), "token_expired");
  for (const claim of ["nbf", "iat"]) {
    const early = verifier.verify(await first.sign({ [claim]: seconds + 61 }), { now });
    assert.equal(await reasonOf(early), "not_yet_valid");
  }
});

Deno.test("KeySet finds keys by discovery, of the issuer itself only", async () => {
  const at = `${ISSUER}/.well-known/openid-configuration`;
  const provider: IdentityProvider = { ...PROVIDER, keysAt: { kind: "discovery" } };
  const uri = "https://keys.test/jwks";
  const good = createWorld({
    [at]: JSON.stringify({ issuer: ISSUER, jwks_uri: uri }),
    [uri]: first.keySet,
  });
  await new KeySet(provider, good.options).current();
  assert.deepEqual(good.asked, [at, uri]);
  for (
    const document of [{ issuer: "https://other.test", jwks_uri: uri }, { issuer: ISSUER }, [], 1]
  ) {
    const world = createWorld({ [at]: JSON.stringify(document), [uri]: first.keySet });
    assert.equal(
      await reasonOf(new KeySet(provider, world.options).current()),
      "identity_provider_unreachable",
    );
    assert.deepEqual(world.asked, [at]);
  }
});

Deno.test("parseKeySet() refuses what is no key set, and one of keySetKeysMax + 1 keys", () => {
  const [key] = JSON.parse(first.keySet).keys;
  const keys = new Array(LIMITS.keySetKeysMax).fill(key);
  parseKeySet(JSON.stringify({ keys }));
  for (const document of ["", "[]", "{}", '{"keys":[]}', '{"keys":{}}']) {
    assert.throws(() => parseKeySet(document));
  }
  assert.throws(() => parseKeySet(JSON.stringify({ keys: [...keys, key] })));
});
