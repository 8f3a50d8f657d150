import assert from "node:assert/strict";
import { ALL_ACTIONS } from "../../../src/iam/actions.ts";
import { touchesBucket } from "../../../src/iam/whole_bucket.ts";
import { Policy } from "../../../src/iam/policy.ts";
import { formatPolicyPath, PolicyError } from "../../../src/iam/policy_error.ts";
import { type Access, ACCESS_NAMES, compileGrant, type Grant } from "../../../src/iam/presets.ts";
import { allowedActions, allows, buildContext, parseSampleBucket } from "./sample_request.ts";

const OPTIONS = { id: "grants[0]", relaxed: false };

function shows(policy: Policy, name: string): boolean {
  return touchesBucket(policy, { bucket: parseSampleBucket(name), context: buildContext() });
}

function grant(value: Grant): Policy {
  return new Policy(compileGrant(value, OPTIONS));
}

const REFUSED: readonly [name: string, grant: Grant, path: string][] = [
  ["no bucket", { access: "full", buckets: [] }, "buckets"],
  ["an empty name", { access: "full", buckets: ["a-b", ""] }, "buckets[1]"],
  ["a key in a name", { access: "full", buckets: ["a-b/c"] }, "buckets[0]"],
  ["a variable in a name", { access: "full", buckets: ["home-${user}"] }, "buckets[0]"],
  ["no prefix in a list", { access: "full", buckets: ["a-b"], prefixes: [] }, "prefixes"],
  ["an empty prefix", { access: "full", buckets: ["a-b"], prefixes: ["a/", ""] }, "prefixes[1]"],
  [
    "an unknown variable",
    { access: "full", buckets: ["a-b"], prefixes: ["${name}/"] },
    "prefixes[0]",
  ],
  ["deletable prefixes of a writer", {
    access: "read-write",
    buckets: ["a-b"],
    deletable_prefixes: ["locks/"],
  }, "deletable_prefixes"],
  ["an empty deletable prefix", {
    access: "append-only",
    buckets: ["a-b"],
    deletable_prefixes: [""],
  }, "deletable_prefixes[0]"],
  ["a deletable prefix outside", {
    access: "append-only",
    buckets: ["a-b"],
    prefixes: ["x/", "y/"],
    deletable_prefixes: ["y/locks/", "locks/"],
  }, "deletable_prefixes[1]"],
];

for (const [name, value, path] of REFUSED) {
  Deno.test(`compileGrant() rejects ${name}`, () => {
    assert.throws(() => compileGrant(value, OPTIONS), (error) => {
      assert.ok(error instanceof PolicyError);
      assert.deepEqual(error.problems.map(({ path }) => formatPolicyPath(path)), [path]);
      return true;
    });
  });
}

const READING = [
  "GetObject",
  "GetObjectAttributes",
  "GetObjectTagging",
  "GetObjectVersion",
  "GetObjectVersionAttributes",
  "GetObjectVersionTagging",
];
const UPLOADING = ["AbortMultipartUpload", "ListMultipartUploadParts", "PutObject"];
const LISTING = ["GetBucketLocation", "ListBucket", "ListBucketVersions"];
const LISTING_UPLOADS = [...LISTING, "ListBucketMultipartUploads"];

/** access → what it may do to an object → what it may do to its bucket. */
const EXPECTED: readonly [Exclude<Access, "full">, object: string[], bucket: string[]][] = [
  ["list-only", [], LISTING],
  ["read-only", READING, LISTING],
  ["append-only", [...READING, ...UPLOADING], LISTING_UPLOADS],
  ["read-write", [
    ...READING,
    ...UPLOADING,
    "DeleteObject",
    "DeleteObjectTagging",
    "PutObjectTagging",
  ], LISTING_UPLOADS],
];

for (const [access, object, bucket] of EXPECTED) {
  Deno.test(`compileGrant() gives ${access} its actions, and no other`, () => {
    const policy = grant({ access, buckets: ["app-*", "logs"] });
    for (const foreign of ["*", "apps", "apps/a", "logs-2", "logs-2/a"]) {
      assert.deepEqual(allowedActions(policy, foreign), [], foreign);
    }
    assert.deepEqual(allowedActions(policy, "app-1/a/b"), object.toSorted());
    assert.deepEqual(allowedActions(policy, "logs/a"), object.toSorted());
    assert.deepEqual(allowedActions(policy, "app-1"), bucket.toSorted());
  });

  Deno.test(`Z6 compileGrant() confines ${access} to its prefixes`, () => {
    const policy = grant({ access, buckets: ["app-*"], prefixes: ["a/", "${user}/x"] });
    for (
      const foreign of ["app-1/b", "app-1/ab/c", "app-1/a", "app-1/z/a/b", "app-1/bob/x", "zzz/a/b"]
    ) {
      assert.deepEqual(allowedActions(policy, foreign), [], foreign);
    }
    for (const own of ["app-1/a/b", "app-1/alice/x", "app-1/alice/xyz"]) {
      assert.deepEqual(allowedActions(policy, own), object.toSorted(), own);
    }
    for (const prefix of [undefined, "", "a", "ab/", "b/a/", "bob/x", "*", "${user}/x"]) {
      assert.deepEqual(allowedActions(policy, "app-1", { prefix }), ["GetBucketLocation"], prefix);
    }
    for (const prefix of ["a/", "a/b", "alice/x", "alice/x/y"]) {
      assert.deepEqual(allowedActions(policy, "app-1", { prefix }), bucket.toSorted(), prefix);
    }
  });
}

Deno.test("compileGrant() gives full every action, the creation of the bucket included", () => {
  const policy = grant({ access: "full", buckets: ["app-*"] });
  assert.deepEqual(allowedActions(policy, "apps"), []);
  assert.deepEqual(allowedActions(policy, "*"), []);
  assert.equal(allowedActions(policy, "app-1").length, ALL_ACTIONS.size);
  assert.equal(allowedActions(policy, "app-1/a").length, ALL_ACTIONS.size);
});

Deno.test("compileGrant() gives full with prefixes no setting of the bucket", () => {
  const policy = grant({ access: "full", buckets: ["app-1"], prefixes: ["a/"] });
  assert.deepEqual(allowedActions(policy, "app-1"), ["GetBucketLocation"]);
  assert.deepEqual(allowedActions(policy, "app-1", { prefix: "a/" }), LISTING_UPLOADS.toSorted());
  assert.deepEqual(allowedActions(policy, "app-1/b"), []);
  const onObjects = allowedActions(policy, "app-1/a/b");
  for (const action of ["DeleteObjectVersion", "PutObjectAcl", "BypassGovernanceRetention"]) {
    assert.ok(onObjects.includes(action), action);
  }
  assert.equal(onObjects.includes("DeleteBucket"), false);
});

Deno.test("Z5 compileGrant() compares the user's name and the prefixes literally", () => {
  const policy = grant({ access: "read-only", buckets: ["home"], prefixes: ["${user}/", "a*/"] });
  const read = (resource: string, username: string): boolean =>
    allows(policy, { action: "s3:GetObject", resource, username });
  assert.equal(read("home/bob/x", "*"), false);
  assert.equal(read("home/bob/x", "b?b"), false);
  assert.equal(read("home/bob/x", "bo"), false);
  assert.equal(read("home/abc/x", "bob"), false);
  assert.equal(read("home/*/x", "*"), true);
  assert.equal(read("home/a*/x", "bob"), true);
  assert.equal(read("home/bob/x", "bob"), true);
});

Deno.test("compileGrant() lets append-only delete under its deletable prefixes only", () => {
  const policy = grant({
    access: "append-only",
    buckets: ["backup"],
    deletable_prefixes: ["locks/"],
  });
  const remove = (resource: string): boolean =>
    allows(policy, { action: "s3:DeleteObject", resource });
  assert.deepEqual(["backup/data/1", "backup/locks", "other/locks/1"].map(remove), [
    false,
    false,
    false,
  ]);
  assert.equal(
    allows(policy, { action: "s3:DeleteObjectVersion", resource: "backup/locks/1" }),
    false,
  );
  assert.equal(remove("backup/locks/1"), true);
  const inside = grant({
    access: "append-only",
    buckets: ["backup"],
    prefixes: ["${user}/"],
    deletable_prefixes: ["${user}/locks/"],
  });
  assert.equal(
    allows(inside, { action: "s3:DeleteObject", resource: "backup/alice/data/1" }),
    false,
  );
  assert.equal(
    allows(inside, { action: "s3:DeleteObject", resource: "backup/alice/locks/1" }),
    true,
  );
});

Deno.test("ACCESS_NAMES lists every preset, each of which shows its bucket", () => {
  for (const access of ACCESS_NAMES) {
    const policy = grant({ access, buckets: ["app-*"], prefixes: ["a/"] });
    assert.equal(shows(policy, "app"), false);
    assert.equal(shows(policy, "app-1"), true);
  }
  assert.deepEqual(
    ACCESS_NAMES.toSorted(),
    [...EXPECTED.map(([access]) => access), "full"].toSorted(),
  );
});
