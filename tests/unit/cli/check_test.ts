import assert from "node:assert/strict";
import { formatRights } from "../../../src/cli/check.ts";
import { NOW, SAMPLE_CONFIG } from "./sample_config.ts";

/** With both keys, while one replaces the other. */
const CI_WRITER =
  "ci-writer (key ci-old until 2030-01-01T00:00:00Z, key ci-new, from 192.0.2.0/24)";

Deno.test("formatRights() is a table of users, buckets and rights", () => {
  const rows = formatRights(SAMPLE_CONFIG, NOW).split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows, [
    ["USER", "BUCKETS", "KEYS", "RIGHTS", "RULE"],
    [CI_WRITER, "ci-*", "*", "full", "c.yaml:10:users[0].allowed_buckets"],
    [
      CI_WRITER,
      "shared",
      "*",
      "list, read",
      "c.yaml:4:roles.reader.grants[0]",
    ],
    [
      "backup",
      "backups",
      "backup/*",
      "list, read, create",
      "c.yaml:17:users[1].grants[0]",
    ],
    [
      "backup",
      "backups",
      "backup/locks/*",
      "list, delete",
      "c.yaml:17:users[1].grants[0]",
    ],
    ["backup", "backups", "secret/*", "deny full", "c.yaml:24:users[1].policy.Statement[0]"],
    [
      "backup",
      "*",
      "*",
      "s3:GetBucketCORS (on a condition)",
      "c.yaml:25:users[1].policy.Statement[1]",
    ],
    ["former (no valid key)", "*", "*", "full", "c.yaml:29:users[2].allowed_buckets"],
    ["idle (until 2028-01-01T00:00:00Z)", "-", "-", "none", "-"],
    [
      "cdn (until 2030-01-01T00:00:00Z)",
      "cdn",
      "*",
      "read (on a condition)",
      "c.yaml:38:users[4].policy.Statement[0]",
    ],
    [
      "role reader (https://i.test: sub job-*, env prod or test; users backup; up to 60 min)",
      "shared",
      "*",
      "list, read",
      "c.yaml:4:roles.reader.grants[0]",
    ],
  ]);
});

Deno.test("formatRights() tells what was set for a user", () => {
  const [user] = SAMPLE_CONFIG.users;
  assert.ok(user !== undefined);
  const limits = {
    concurrentRequestsMax: 4,
    requestsPerSecond: 10,
    requestsBurst: 30,
    bytesInPerSecond: 1 << 20,
    bytesOutPerSecond: undefined,
  };
  const users = [{
    ...user,
    keys: user.keys.slice(1),
    sourceIps: undefined,
    statements: [],
    limits,
  }];
  const [, row] = formatRights({ ...SAMPLE_CONFIG, users }, NOW).split("\n");
  assert.ok(
    row?.startsWith(
      "ci-writer (4 requests at a time, 10 requests/s, 30 at once, 1048576 bytes/s in)  ",
    ),
    row,
  );
});

Deno.test("formatRights() takes more rows than a call takes arguments, in linear time", () => {
  const [user] = SAMPLE_CONFIG.users;
  assert.ok(user !== undefined);
  const users = Array.from({ length: 150_000 }, () => ({ ...user, statements: [] }));
  const rows = formatRights({ ...SAMPLE_CONFIG, users, roles: [] }, NOW).split("\n");
  assert.equal(rows.length, 150_001);
});
