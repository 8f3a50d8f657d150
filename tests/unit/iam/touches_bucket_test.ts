import assert from "node:assert/strict";
import { touchesBucket } from "../../../src/iam/whole_bucket.ts";
import { buildContext, buildPolicy, parseSampleBucket } from "./sample_request.ts";

const ARN = "arn:aws:s3:::";
const READ_REPORTS = { Action: "s3:GetObject", Resource: `${ARN}reports/*` };
const ALLOW_ALL = { Action: "s3:*", Resource: "*" };
const ONE_BUCKET = [`${ARN}reports`, `${ARN}reports/*`];

/** name → statements → buckets that are seen → buckets that are not. */
const LISTS: readonly [name: string, statements: object[], seen: string[], unseen: string[]][] = [
  ["everything", [ALLOW_ALL], ["reports", "drop"], []],
  ["a bucket without its objects", [{ Action: "s3:ListBucket", Resource: `${ARN}reports` }], [
    "reports",
  ], ["reports-2", "report"]],
  ["a folder in a bucket", [{ Action: "s3:PutObject", Resource: `${ARN}drop/a/*` }], ["drop"], [
    "reports",
  ]],
  ["patterns of buckets", [{ Action: "s3:GetObject", Resource: [`${ARN}a*/x`, `${ARN}??z`] }], [
    "abc",
    "xyz",
  ], ["xyzz", "bcd"]],
  ["a path behind a star", [{ Action: "s3:GetObject", Resource: `${ARN}*-logs/x` }], [
    "web-logs",
    // `*` crosses slashes, so `any/x-logs/x` in it is allowed.
    "any",
  ], []],
  ["the user's own bucket", [{ Action: "s3:*", Resource: `${ARN}home-\${aws:username}/*` }], [
    "home-alice",
  ], ["home-bob"]],
  ["a variable without a value", [{ Action: "s3:*", Resource: `${ARN}b-\${s3:prefix}` }], [], [
    "b-x",
  ]],
  ["conditions are not asked", [{
    ...READ_REPORTS,
    Condition: { Bool: { "aws:SecureTransport": false } },
  }], [
    "reports",
  ], ["drop"]],
  ["all but one bucket", [{ Action: "s3:*", NotResource: ONE_BUCKET }], ["drop"], ["reports"]],
  ["all but one bucket's objects", [{ Action: "s3:*", NotResource: `${ARN}reports/*` }], [
    "drop",
    "reports",
  ], []],
  [
    "a bucket that is denied as a whole",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "*",
      Resource: ONE_BUCKET,
    }],
    ["drop"],
    ["reports"],
  ],
  [
    "buckets that are denied by a pattern",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "*",
      Resource: `${ARN}team*`,
    }],
    ["drop"],
    ["team", "team-a"],
  ],
  [
    "a deny of all other buckets",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:*",
      NotResource: ONE_BUCKET,
    }],
    ["reports"],
    ["drop"],
  ],
  [
    "a deny of the bucket but not of its objects",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:*",
      Resource: `${ARN}reports`,
    }],
    ["reports"],
    [],
  ],
  [
    "a deny of some objects",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:*",
      Resource: [`${ARN}reports`, `${ARN}reports/a*`],
    }],
    ["reports"],
    [],
  ],
  [
    "a deny of some actions",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:Get*",
      Resource: "*",
    }],
    ["reports"],
    [],
  ],
  [
    "a deny with a condition",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:*",
      Resource: "*",
      Condition: { Bool: { "aws:SecureTransport": "true" } },
    }],
    ["reports"],
    [],
  ],
  [
    "a deny that cannot be told",
    [ALLOW_ALL, {
      Effect: "Deny",
      Action: "s3:*",
      Resource: `${ARN}b-\${s3:prefix}*`,
    }],
    ["reports"],
    ["b-x"],
  ],
];

for (const [name, statements, seen, unseen] of LISTS) {
  Deno.test(`Z12 touchesBucket() shows buckets by ${name}`, () => {
    const policy = buildPolicy(...statements);
    const touched = (bucket: string): boolean =>
      touchesBucket(policy, { bucket: parseSampleBucket(bucket), context: buildContext() });
    assert.deepEqual(unseen.filter(touched), []);
    assert.deepEqual(seen.filter(touched), seen);
  });
}
