import assert from "node:assert/strict";
import { formatRight } from "../../../src/console/rights.ts";
import { listRights, type Right } from "../../../src/explain/rights.ts";
import { parsePolicyDocument } from "../../../src/iam/policy_document.ts";
import { ACCESS_NAMES, compileGrant } from "../../../src/iam/presets.ts";

const ARN = "arn:aws:s3:::";

function describe(...statements: object[]): Right[] {
  const document = {
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  };
  const compiled = parsePolicyDocument(document, {
    relaxed: false,
    nameStatement: (at) => `users[0].policy.Statement[${at}]`,
  });
  return listRights({ name: "u", statements: compiled });
}

const TOLD: readonly [name: string, actions: string[], rights: string[]][] = [
  ["what reading means", ["s3:GetObject", "s3:GetObjectVersion"], ["read"]],
  ["what uploads take", ["s3:PutObject", "s3:AbortMultipartUpload"], ["write"]],
  ["where it is", ["s3:ListBucket", "s3:GetBucketLocation"], ["list"]],
  ["nothing else", ["s3:GetBucketLocation"], ["s3:GetBucketLocation"]],
  ["a bucket's policy", ["s3:GetObject", "s3:PutBucketPolicy"], ["read", "s3:PutBucketPolicy"]],
  ["versions", ["s3:DeleteObject", "s3:DeleteObjectVersion"], ["delete", "s3:DeleteObjectVersion"]],
  ["what another right means", ["s3:GetObject", "s3:DeleteObjectTagging"], [
    "read",
    "s3:DeleteObjectTagging",
  ]],
];
for (const [name, Action, rights] of TOLD) {
  Deno.test(`listRights() tells of every action: ${name}`, () => {
    assert.deepEqual(describe({ Action, Resource: "*" }).map((right) => right.rights), [rights]);
  });
}

Deno.test("listRights() tells of more actions than it names", () => {
  const [right] = describe({ Action: ["s3:Get*", "s3:Put*"], Resource: "*" });
  assert.match(
    right?.rights.join(", ") ?? "",
    /^read, write, s3:\w+, s3:\w+, s3:\w+ and \d+ more$/,
  );
});

for (const access of ACCESS_NAMES) {
  Deno.test(`listRights() takes few words for a grant: ${access}`, () => {
    const statements = compileGrant({ access, buckets: ["b"] }, {
      id: "users[0].grants[0]",
      relaxed: false,
    });
    const words = listRights({ name: "u", statements }).flatMap(({ rights }) => rights);
    assert.ok(words.every((word) => /^[a-z]+$/.test(word)), String(words));
  });
}

Deno.test("listRights() does not make one thing of a NotResource into several", () => {
  const NotResource = [`${ARN}home/alice/*`, `${ARN}public`];
  const rights = describe({ Effect: "Deny", Action: "s3:*", NotResource });
  assert.deepEqual(rights.map(({ buckets, keys }) => [buckets, keys]), [
    ["all but home/alice/* and public", "*"],
  ]);
  const sentences = rights.map(formatRight);
  assert.deepEqual(sentences, ["You may never do everything in all but home/alice/* and public."]);
});
