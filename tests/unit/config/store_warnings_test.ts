import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";

function warningsOf(backend: object, user: object): string[] {
  const data = {
    master_credentials: {
      access_key: "MASTER",
      secret_key: "master-secret-of-the-tests",
      endpoint: "http://127.0.0.1:9000",
    },
    backend,
    users: [{ access_key: "alice-key", secret_key: "alice-secret-of-the-tests", ...user }],
  };
  const place = { path: "f", environment: () => undefined, readSecretFile: () => "" };
  return parseConfig(JSON.stringify(data), place).warnings.map((line) => line.replace(/^\S+ /, ""));
}

const APPENDING = { grants: [{ buckets: ["b"], access: "append-only" }] };
const DENYING = {
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::b/a//b" }],
  },
};

Deno.test("findStoreWarnings() tells of append-only on a store without conditions", () => {
  for (const [kind, count] of [["garage", 1], ["other", 1], ["ceph", 0], ["minio", 0]] as const) {
    const warnings = warningsOf({ kind }, APPENDING);
    assert.equal(warnings.length, count, warnings.join());
    if (count > 0) assert.match(warnings.join(), /users\[0\].*append-only.*kind/);
  }
  const own = { kind: "garage", capabilities: { conditions: ["put.if-none-match"] } };
  assert.deepEqual(warningsOf(own, APPENDING), []);
});

Deno.test("findStoreWarnings() tells of a Deny that another spelling goes around", () => {
  assert.match(warningsOf({ kind: "versitygw" }, DENYING).join(), /empty segment/);
  assert.deepEqual(warningsOf({ kind: "ceph" }, DENYING), []);
});

Deno.test("backend.capabilities names what is not known", () => {
  const backend = { kind: "minio", capabilities: { conditionz: ["put.if-match"] } };
  assert.throws(
    () => warningsOf(backend, APPENDING),
    /backend\.capabilities\.conditionz.*conditions/,
  );
  const wrong = { kind: "minio", capabilities: { conditions: ["put.if-matches"] } };
  assert.throws(() => warningsOf(wrong, APPENDING), /backend\.capabilities\.conditions\[0\]/);
  assert.throws(() => warningsOf({ kind: "minioo" }, APPENDING), /backend\.kind/);
});
