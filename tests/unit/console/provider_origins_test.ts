import assert from "node:assert/strict";
import { ProviderOrigins } from "../../../src/console/provider_origins.ts";
import { listSecurityHeaders } from "../../../src/console/security_headers.ts";
import type { IdentityProvider } from "../../../src/identity/identity_provider.ts";
import { LIMITS } from "../../../src/limits.ts";
import { createQuietLogger } from "../../support/quiet_logger.ts";

const ISSUER = "https://id.test/realms/one";

function describeProvider(allowsPrivateAddresses = false): IdentityProvider {
  return {
    issuer: ISSUER,
    audiences: undefined,
    keysAt: { kind: "discovery" },
    authorities: undefined,
    clockSkewMs: 0,
    allowsPrivateAddresses,
    defaultRole: undefined,
  };
}

/** Answers with one document after the other, the last again and again. */
function start(
  ...documents: object[]
): { origins: ProviderOrigins; asked: string[]; time: { at: number } } {
  const asked: string[] = [];
  const time = { at: 0 };
  const origins = new ProviderOrigins({
    logger: createQuietLogger().logger,
    monotonicMs: () => time.at,
    fetchDocument: (uri) => {
      const document = documents[Math.min(asked.length, documents.length - 1)];
      asked.push(uri);
      return Promise.resolve(JSON.stringify(document));
    },
  });
  return { asked, origins, time };
}

Deno.test("ProviderOrigins has the issuer's origin and its token endpoint's, and no other", async () => {
  const { origins, asked } = start({
    issuer: ISSUER,
    token_endpoint: "https://Tokens.test:8443/one/token",
    userinfo_endpoint: "https://people.test/",
    authorization_endpoint: "https://login.test/",
  });
  origins.reconfigure([describeProvider()]);
  await origins.refresh();
  assert.deepEqual(asked, [`${ISSUER}/.well-known/openid-configuration`]);
  assert.deepEqual(origins.list, ["https://id.test", "https://tokens.test:8443"]);
  const [[, policy = ""] = []] = listSecurityHeaders({
    s3Endpoint: "https://s3.test",
    providers: origins.list,
  });
  assert.match(
    policy,
    /; connect-src 'self' https:\/\/s3\.test https:\/\/id\.test https:\/\/tokens\.test:8443; /,
  );
  origins.reconfigure([]);
  assert.deepEqual(origins.list, []);
});

for (
  const document of [
    {},
    { issuer: "https://id.test", token_endpoint: "https://tokens.test/" },
    { issuer: ISSUER },
    { issuer: ISSUER, token_endpoint: "http://tokens.test/" },
    { issuer: ISSUER, token_endpoint: "https://*/" },
    { issuer: ISSUER, token_endpoint: "https://a.test; script-src *" },
    { issuer: ISSUER, token_endpoint: "https://a.test https://b.test/" },
    { issuer: ISSUER, token_endpoint: "data:text/plain,a" },
    { issuer: ISSUER, token_endpoint: ["https://tokens.test/"] },
  ]
) {
  Deno.test(`ProviderOrigins takes nothing of ${JSON.stringify(document)}`, async () => {
    const { origins } = start(document);
    origins.reconfigure([describeProvider()]);
    await origins.refresh();
    assert.deepEqual(origins.list, ["https://id.test"]);
  });
}

Deno.test("ProviderOrigins takes plain HTTP where the provider may be private", async () => {
  const { origins } = start({ issuer: ISSUER, token_endpoint: "http://127.0.0.1:8080/token" });
  origins.reconfigure([describeProvider(true)]);
  await origins.refresh();
  assert.deepEqual(origins.list, ["https://id.test", "http://127.0.0.1:8080"]);
});

Deno.test("ProviderOrigins asks again after a while: soon where it failed, later where it knows", async () => {
  const { origins, asked, time } = start(
    {},
    { issuer: ISSUER, token_endpoint: "https://one.test/" },
    { issuer: ISSUER, token_endpoint: "https://two.test/" },
    {},
  );
  origins.reconfigure([describeProvider()]);
  await Promise.all([origins.refresh(), origins.refresh()]);
  assert.equal(asked.length, 1);
  time.at += LIMITS.keySetRetryMs + 1;
  await origins.refresh();
  assert.deepEqual(origins.list.slice(1), ["https://one.test"]);
  time.at += LIMITS.keySetFreshMs;
  await origins.refresh();
  assert.equal(asked.length, 2);
  time.at += 1;
  for (const [calls, origin] of [[3, "https://two.test"], [4, "https://two.test"]] as const) {
    await origins.refresh();
    await new Promise((resolve) => setTimeout(resolve)); // it is renewed in the background
    assert.deepEqual(origins.list.slice(1), [origin]);
    assert.equal(asked.length, calls);
    time.at += LIMITS.keySetFreshMs + 1;
  }
});
