import assert from "node:assert/strict";
import { formatRights } from "../../../src/cli/check.ts";
import { NOW, SAMPLE_CONFIG } from "./sample_config.ts";

Deno.test("formatRights() is a table of users, buckets and rights", () => {
  const rows = formatRights(SAMPLE_CONFIG, NOW).split("\n").map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows, [
    ["USER", "BUCKETS", "KEYS", "RIGHTS", "RULE"],
    ["ci-writer", "ci-*", "*", "full", "c.yaml:10:users[0].allowed_buckets"],
    ["ci-writer", "shared", "*", "list, read", "c.yaml:4:roles.reader.grants[0]"],
    [
      "backup",
      "backups",
      "${aws:username}/*",
      "list, read, create",
      "c.yaml:17:users[1].grants[0]",
    ],
    [
      "backup",
      "backups",
      "${aws:username}/locks/*",
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
    ["idle", "-", "-", "none", "-"],
    ["cdn", "cdn", "*", "read (on a condition)", "c.yaml:37:users[4].policy.Statement[0]"],
  ]);
});
