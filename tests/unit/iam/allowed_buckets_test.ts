import assert from "node:assert/strict";
import { ALL_ACTIONS } from "../../../src/iam/actions.ts";
import { touchesBucket } from "../../../src/iam/whole_bucket.ts";
import { Policy } from "../../../src/iam/policy.ts";
import { PolicyError } from "../../../src/iam/policy_error.ts";
import { compileAllowedBuckets } from "../../../src/iam/presets.ts";
import { allowedActions, allows, buildContext, parseSampleBucket } from "./sample_request.ts";

const OPTIONS = { id: "allowed_buckets", relaxed: false };

Deno.test("compileAllowedBuckets() allows nothing for an empty list", () => {
  assert.deepEqual(compileAllowedBuckets([], OPTIONS), []);
});

Deno.test("compileAllowedBuckets() rejects what no bucket can be called", () => {
  assert.throws(() => compileAllowedBuckets(["a-b", "a b"], OPTIONS), (error) => {
    assert.ok(error instanceof PolicyError);
    assert.deepEqual(error.problems.map(({ path }) => path), [[1]]);
    return true;
  });
});

Deno.test("compileAllowedBuckets() allows everything on its buckets, in any case", () => {
  const policy = new Policy(compileAllowedBuckets(["Reports", "drop"], OPTIONS));
  for (const foreign of ["*", "reports-2", "reports-2/a", "dro"]) {
    assert.deepEqual(allowedActions(policy, foreign), [], foreign);
  }
  for (const own of ["reports", "reports/A/b", "drop"]) {
    assert.equal(allowedActions(policy, own).length, ALL_ACTIONS.size, own);
  }
});

Deno.test("compileAllowedBuckets() compares relaxed names exactly", () => {
  const policy = new Policy(compileAllowedBuckets(["Re*"], { id: "test", relaxed: true }));
  assert.deepEqual(allowedActions(policy, "reports"), []);
  assert.equal(allowedActions(policy, "Reports/a").length, ALL_ACTIONS.size);
});

Deno.test("compileAllowedBuckets() takes a star for every bucket and the list of them", () => {
  const policy = new Policy(compileAllowedBuckets(["*"], OPTIONS));
  assert.equal(allows(policy, { action: "s3:ListAllMyBuckets", resource: "*" }), true);
  assert.equal(allows(policy, { action: "s3:CreateBucket", resource: "new-bucket" }), true);
  assert.equal(
    touchesBucket(policy, { bucket: parseSampleBucket("any-bucket"), context: buildContext() }),
    true,
  );
});
