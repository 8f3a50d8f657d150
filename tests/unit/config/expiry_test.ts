import assert from "node:assert/strict";
import { findExpiring, listKeyExpiries } from "../../../src/config/expiry.ts";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { LIMITS } from "../../../src/limits.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const SECRET = "a-secret-of-these-tests-";

function readUsers(users: readonly Record<string, unknown>[]): Config {
  const data = {
    master_credentials: {
      access_key: "M",
      secret_key: "master-secret-of-tests",
      endpoint: "http://127.0.0.1:7480",
    },
    users: users.map((user, index) => ({
      name: `u${index}`,
      ...(user["keys"] === undefined
        ? { access_key: `k${index}`, secret_key: SECRET + index }
        : {}),
      ...user,
    })),
  };
  return parseConfig(JSON.stringify(data), {
    path: "test",
    environment: () => undefined,
    readSecretFile: () => assert.fail("no file is needed"),
  }).config;
}

function pair(name: string, expires?: string): Record<string, unknown> {
  return {
    access_key: name,
    secret_key: SECRET + name,
    ...(expires === undefined ? {} : { expires_at: expires }),
  };
}

Deno.test("findExpiring() tells keys that are over or will be within 30 days, at their place", () => {
  const config = readUsers([
    { expires_at: "2026-07-01T00:00:00Z" },
    { expires_at: "2026-07-01T00:00:01Z" },
    { expires_at: "2026-06-01T00:00:00Z" },
    { expires_at: "2026-06-02T00:00:00Z" },
    { expires_at: "2026-06-01T12:00:00Z" },
    { expires_at: "2026-05-01T00:00:00Z", enabled: false },
    { keys: [pair("old", "2026-06-11T00:00:00Z"), pair("new")] },
    { keys: [pair("one"), pair("other")] },
    {},
  ]);
  assert.deepEqual(findExpiring(config, NOW), [
    {
      path: ["users", 0, "expires_at"],
      message: "is over in 30 days (2026-07-01T00:00:00Z): have another key in use by then",
    },
    {
      path: ["users", 2, "expires_at"],
      message: "was over at 2026-06-01T00:00:00Z: the key is refused",
    },
    {
      path: ["users", 3, "expires_at"],
      message: "is over in a day (2026-06-02T00:00:00Z): have another key in use by then",
    },
    {
      path: ["users", 4, "expires_at"],
      message: "is over within a day (2026-06-01T12:00:00Z): have another key in use by then",
    },
    {
      path: ["users", 6, "keys", 0, "expires_at"],
      message: "is over in 10 days (2026-06-11T00:00:00Z): have another key in use by then",
    },
    {
      path: ["users", 7, "keys"],
      message: "are two that never end, expected an expires_at at the one that is replaced",
    },
  ]);
});

Deno.test("listKeyExpiries() has the first end of each key, the first first, and not of those who are disabled", () => {
  const config = readUsers([
    {
      expires_at: "2026-09-01T00:00:00Z",
      keys: [pair("old", "2026-06-11T00:00:00Z"), pair("new", "2027-01-01T00:00:00Z")],
    },
    { expires_at: "2026-05-01T00:00:00Z" },
    { expires_at: "2026-05-01T00:00:00Z", enabled: false },
    {},
  ]);
  const listed = listKeyExpiries(config).map(({ user, accessKey, at }) =>
    `${user} ${accessKey} ${at.toISOString().slice(0, 10)}`
  );
  assert.deepEqual(listed, ["u1 k1 2026-05-01", "u0 old 2026-06-11", "u0 new 2026-09-01"]);
});

Deno.test("listKeyExpiries() has LIMITS.keyExpirySeriesMax at most", () => {
  const users = Array.from(
    { length: LIMITS.keyExpirySeriesMax + 1 },
    () => ({ expires_at: "2027-01-01T00:00:00Z" }),
  );
  assert.equal(listKeyExpiries(readUsers(users)).length, LIMITS.keyExpirySeriesMax);
});
