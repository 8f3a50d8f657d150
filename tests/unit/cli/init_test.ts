import assert from "node:assert/strict";
import { completeNewConfig, formatNewConfig, type Terminal } from "../../../src/cli/init.ts";
import { UsageError } from "../../../src/explain/usage_error.ts";
import { parseConfig } from "../../../src/config/load.ts";

const STORE = { endpoint: "https://s3.example.com", region: "fsn1" };

/** One at which `answers` are typed. */
function createTerminal(answers: readonly (string | undefined)[]): Terminal {
  const left = [...answers];
  return { ask: () => Promise.resolve(left.shift()) };
}

function load(text: string): ReturnType<typeof parseConfig> {
  return parseConfig(text, {
    path: "config.yaml",
    environment: (name) => `${name}-of-this-test`,
    readSecretFile: () => assert.fail("no file is needed"),
  });
}

Deno.test("formatNewConfig() makes a file that loads without a warning, with two users", () => {
  const { config, warnings } = load(formatNewConfig(STORE));
  assert.deepEqual(warnings, []);
  const { endpoint, region, accessKeyId } = config.masterCredentials;
  assert.deepEqual([endpoint.origin, region, String(accessKeyId)], [
    STORE.endpoint,
    STORE.region,
    "BACKEND_ACCESS_KEY-of-this-test",
  ]);
  assert.deepEqual(config.users.map(({ name }) => name), ["admin", "app"]);
  assert.equal(config.server.listener, "hardened");
});

Deno.test("formatNewConfig() gives new keys each time", () => {
  const keys = [formatNewConfig(STORE), formatNewConfig(STORE)].flatMap((text) =>
    [...text.matchAll(/(?:access_key: "AKIA|secret_key: ")([^"$]+)"/g)].map(([, key]) => key)
  );
  assert.equal(keys.length, 8);
  assert.equal(new Set(keys).size, 8);
});

Deno.test("completeNewConfig() asks for what is missing", async () => {
  const nothing = { endpoint: "", region: "us-east-1" };
  const typed = createTerminal(["https://s3.example.com", "fsn1"]);
  assert.deepEqual(await completeNewConfig(nothing, typed), STORE);
  const short = createTerminal(["https://s3.example.com", ""]);
  assert.equal((await completeNewConfig(nothing, short)).region, "us-east-1");
  assert.deepEqual(await completeNewConfig(STORE, createTerminal([])), STORE);
});

Deno.test("completeNewConfig() refuses an endpoint that is none, and to ask nobody", async () => {
  const isUsage = (text: string) => (error: unknown): boolean =>
    error instanceof UsageError && error.message.includes(text);
  const nothing = { endpoint: "", region: "us-east-1" };
  await assert.rejects(completeNewConfig(nothing, createTerminal([])), isUsage("is missing"));
  for (const endpoint of ["s3.example.com", "https://s3.example.com/path"]) {
    await assert.rejects(
      completeNewConfig({ ...nothing, endpoint }, createTerminal([])),
      isUsage("--endpoint"),
    );
  }
});
