import assert from "node:assert/strict";
import { Policy } from "../../../src/iam/policy.ts";
import { findDeniedOfAll } from "../../../src/iam/whole_bucket.ts";
import { buildContext, buildPolicy, parseSampleBucket } from "./sample_request.ts";

const ARN = "arn:aws:s3:::";
const READ_ALL = { Action: "s3:GetObject", Resource: `${ARN}reports/*` };
const QUESTION = {
  actions: ["s3:GetObject"],
  bucket: parseSampleBucket("reports"),
  context: buildContext(),
} as const;

const ALLOWED: readonly [name: string, statements: object[]][] = [
  ["the objects of the bucket", [READ_ALL]],
  ["everything", [{ Action: "s3:*", Resource: "*" }]],
  ["a pattern of buckets", [{ Action: "s3:Get*", Resource: `${ARN}rep*` }]],
  ["all but another bucket", [{ Action: "s3:*", NotResource: `${ARN}drop/*` }]],
  ["a deny of another action", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:DeleteObject",
    Resource: "*",
  }]],
  ["a deny of another bucket's objects", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:GetObject",
    Resource: `${ARN}drop/*`,
  }]],
  ["a deny of the bucket itself", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:*",
    Resource: `${ARN}reports`,
  }]],
  ["a deny whose condition fails for all", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:GetObject",
    Resource: "*",
    Condition: { Bool: { "aws:SecureTransport": false } },
  }]],
];

const REFUSED: readonly [name: string, statements: object[]][] = [
  ["the bucket alone", [{ Action: "s3:GetObject", Resource: `${ARN}reports` }]],
  ["another action", [{ Action: "s3:PutObject", Resource: `${ARN}reports/*` }]],
  ["a folder", [{ Action: "s3:GetObject", Resource: `${ARN}reports/public/*` }]],
  ["all but a folder", [{ Action: "s3:GetObject", NotResource: `${ARN}reports/private/*` }]],
  ["keys that end so", [{ Action: "s3:GetObject", Resource: `${ARN}reports/*.csv` }]],
  ["a variable without a value", [{
    Action: "s3:GetObject",
    Resource: `${ARN}reports/\${s3:prefix}*`,
  }]],
  ["an allow under a condition that fails", [{
    ...READ_ALL,
    Condition: { Bool: { "aws:SecureTransport": false } },
  }]],
  ["an allow for some versions", [{
    ...READ_ALL,
    Condition: { StringNotEquals: { "s3:VersionId": "v" } },
  }]],
  ["a deny of one key", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:GetObject",
    Resource: `${ARN}reports/private`,
  }]],
  ["a deny of keys in every bucket", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:*",
    Resource: `${ARN}*/private/*`,
  }]],
  ["a deny of all but a folder", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:*",
    NotResource: `${ARN}reports/public/*`,
  }]],
  ["a deny of some versions", [READ_ALL, {
    Effect: "Deny",
    Action: "s3:GetObject",
    Resource: "*",
    Condition: { StringEquals: { "s3:VersionId": "v" } },
  }]],
];

for (const [name, statements] of ALLOWED) {
  Deno.test(`all of a bucket's objects are allowed: ${name}`, () => {
    assert.equal(findDeniedOfAll(buildPolicy(...statements), QUESTION), undefined);
  });
}

for (const [name, statements] of REFUSED) {
  Deno.test(`not all of a bucket's objects are allowed: ${name}`, () => {
    assert.equal(findDeniedOfAll(buildPolicy(...statements), QUESTION), "s3:GetObject");
  });
}

Deno.test("a boundary has to allow all of a bucket's objects, too", () => {
  const { statements } = buildPolicy(READ_ALL);
  const bounded = (boundary: object[]): string | undefined =>
    findDeniedOfAll(new Policy(statements, buildPolicy(...boundary)), QUESTION);
  assert.equal(bounded([READ_ALL]), undefined);
  assert.equal(
    bounded([{ Action: "s3:GetObject", Resource: `${ARN}reports/a` }]),
    "s3:GetObject",
  );
});

Deno.test("each of several actions has to be allowed, by whichever statement, and none denied anywhere", () => {
  const write = { Action: ["s3:PutObject", "s3:DeleteObject"], Resource: `${ARN}reports/*` };
  const find = (...statements: object[]): string | undefined =>
    findDeniedOfAll(buildPolicy(...statements), {
      ...QUESTION,
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    });
  assert.equal(find(READ_ALL, write), undefined);
  assert.equal(find(write), "s3:GetObject");
  assert.equal(find(READ_ALL, { ...write, Action: "s3:PutObject" }), "s3:DeleteObject");
  const some = { Effect: "Deny", Action: "s3:Delete*", Resource: `${ARN}reports/kept/*` };
  assert.equal(find(READ_ALL, write, some), "s3:DeleteObject");
  assert.equal(find(some, READ_ALL, write), "s3:DeleteObject");
});
