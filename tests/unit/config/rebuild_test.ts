/** Settings of workers and operators, and a configuration's way to another thread. */

import assert from "node:assert/strict";
import { type LoadedConfig, rebuildConfig } from "../../../src/config/build.ts";
import { loadConfig, parseConfig } from "../../../src/config/load.ts";
import { LIMITS } from "../../../src/limits.ts";

const BASE = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
users: []
`;
const SEED = new URL("../../vectors/config/seed.yaml", import.meta.url);

function parse(text: string): LoadedConfig {
  return parseConfig(text, {
    path: "config.yaml",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no secret is in a file"),
  });
}

Deno.test("parseConfig() reads how many workers there are to be", () => {
  assert.equal(parse(BASE).config.server.workers, "auto");
  assert.equal(parse(`${BASE}server: {workers: auto}`).config.server.workers, "auto");
  assert.equal(
    parse(`${BASE}server: {workers: ${LIMITS.workersMax}}`).config.server.workers,
    LIMITS.workersMax,
  );
});

Deno.test("parseConfig() has health checks wherever metrics have an address", () => {
  const read = (metrics: string): unknown => parse(`${BASE}metrics: ${metrics}`).config.metrics;
  assert.equal(read("{path: /m}"), undefined);
  assert.deepEqual(read('{address: "127.0.0.1:9000"}'), {
    enabled: false,
    listenAddress: { hostname: "127.0.0.1", port: 9000 },
    path: "/metrics",
  });
  assert.deepEqual(read("{enabled: true}"), {
    enabled: true,
    listenAddress: { hostname: "0.0.0.0", port: 9090 },
    path: "/metrics",
  });
});

Deno.test("rebuildConfig() makes the same of what was posted to another thread", async () => {
  const { config, certificates, source } = await loadConfig(SEED.pathname);
  const rebuilt = rebuildConfig(structuredClone(source));
  assert.deepEqual(rebuilt.certificates, certificates);
  assert.equal(JSON.stringify(rebuilt.config), JSON.stringify(config));
  const secrets = config.users.flatMap(({ keys }) => keys).map((key) => key.secretAccessKey);
  const others = rebuilt.config.users.flatMap(({ keys }) => keys).map((key) => key.secretAccessKey);
  assert.ok(secrets.length > 0);
  for (const [index, secret] of secrets.entries()) {
    const other = others[index];
    assert.ok(other !== undefined && other !== secret && other.equals(secret));
  }
});
