/** Settings of workers and operators. */

import assert from "node:assert/strict";
import type { LoadedConfig } from "../../../src/config/build.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { LIMITS } from "../../../src/limits.ts";

const BASE = `master_credentials:
  access_key: MASTER
  secret_key: master-secret-of-this-test
  endpoint: https://backend.example.com
users: []
`;

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
