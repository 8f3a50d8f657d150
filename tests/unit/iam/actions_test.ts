import assert from "node:assert/strict";
import {
  ALL_ACTIONS,
  BUCKET_ACTIONS,
  complementActions,
  OBJECT_ACTIONS,
  parseActions,
  type S3Action,
} from "../../../src/iam/actions.ts";
import { PolicyPlace, type PolicyProblem } from "../../../src/iam/policy_error.ts";
import { OPERATIONS } from "../../../src/s3/operation_table.ts";

function parse(text: string): { actions: ReadonlySet<S3Action>; messages: string[] } {
  const problems: PolicyProblem[] = [];
  const actions = parseActions(text, new PolicyPlace(problems));
  return { actions, messages: problems.map(({ message }) => message) };
}

for (
  const text of [
    "",
    "s3:",
    "s3",
    "s3:Nothing",
    "s3:X*",
    "iam:*",
    "S4:*",
    "GetObject",
    "s3:Get Object",
  ]
) {
  Deno.test(`parseActions() rejects "${text}"`, () => {
    const { actions, messages } = parse(text);
    assert.deepEqual([actions.size, messages.length], [0, 1]);
  });
}

Deno.test("parseActions() finds single actions in any case", () => {
  assert.deepEqual([...parse("S3:GETobject").actions], ["s3:GetObject"]);
});

Deno.test("parseActions() finds every action a wildcard fits", () => {
  const { actions } = parse("s3:List*Upload*");
  assert.deepEqual([...actions].sort(), [
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
  ]);
  for (const text of ["*", "s3:*", "*:*"]) {
    assert.equal(parse(text).actions.size, ALL_ACTIONS.size);
  }
});

Deno.test("parseActions() refuses a wildcard for a service", () => {
  for (const text of ["*:GetObject", "s?:*", "s3*:GetObject", "*GetObject", "?", "**"]) {
    const { actions, messages } = parse(text);
    assert.equal(actions.size, 0, text);
    assert.match(messages.join("\n"), /names no service/);
  }
});

Deno.test("complementActions() leaves no action out and none in twice", () => {
  const { actions } = parse("s3:Get*");
  const others = complementActions(actions);
  assert.equal(actions.size + others.size, ALL_ACTIONS.size);
  assert.equal(others.has("s3:GetObject"), false);
  assert.equal(others.has("s3:PutObject"), true);
});

Deno.test("ALL_ACTIONS holds what every operation needs, at the operation's level", () => {
  for (const { name, level, action, versionAction } of OPERATIONS) {
    if (level === "service") assert.ok(ALL_ACTIONS.has(action), name);
    // These are sent to a bucket, and are about keys in it.
    else if (level === "object" || name === "DeleteObjects" || name === "PostObject") {
      assert.ok(OBJECT_ACTIONS.has(action) && OBJECT_ACTIONS.has(versionAction), name);
    } else assert.ok(BUCKET_ACTIONS.has(action), name);
  }
});
