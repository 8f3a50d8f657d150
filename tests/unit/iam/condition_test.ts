import assert from "node:assert/strict";
import { allHold, parseConditions } from "../../../src/iam/condition.ts";
import { PolicyPlace, type PolicyProblem } from "../../../src/iam/policy_error.ts";
import type { Truth } from "../../../src/iam/truth.ts";
import { buildContext, type SampleContext } from "./sample_request.ts";

function evaluate(element: object, sample: SampleContext): Truth {
  const problems: PolicyProblem[] = [];
  const place = new PolicyPlace(problems);
  const conditions = parseConditions(element, { place, variables: true });
  assert.deepEqual(problems, []);
  return allHold(conditions, buildContext(sample));
}

type Row = readonly [element: object, yes: SampleContext[], no: SampleContext[]];

/**
 * operator → an element that uses it, requests for which it holds, and requests for which it does
 * not.
 */
const OPERATORS: Readonly<Record<string, Row>> = {
  StringEquals: [
    { StringEquals: { "s3:prefix": ["a", "b*"] } },
    [{ prefix: "a" }, { prefix: "b*" }],
    [{}, { prefix: "A" }, { prefix: "bc" }, { prefix: "" }, { prefix: "ab" }],
  ],
  StringNotEquals: [
    { StringNotEquals: { "s3:prefix": ["a", "b*"] } },
    [{}, { prefix: "A" }, { prefix: "bc" }, { prefix: "" }],
    [{ prefix: "a" }, { prefix: "b*" }],
  ],
  StringEqualsIgnoreCase: [
    { StringEqualsIgnoreCase: { "s3:prefix": "Äpfel/${aws:username}" } },
    [{ prefix: "äPFEL/ALICE" }],
    [{}, { prefix: "äpfel" }, { prefix: "äpfel/bob" }],
  ],
  StringNotEqualsIgnoreCase: [
    { StringNotEqualsIgnoreCase: { "s3:prefix": "Ab" } },
    [{}, { prefix: "abc" }],
    [{ prefix: "aB" }],
  ],
  StringLike: [
    { StringLike: { "s3:prefix": ["home/${aws:username}/*", "tmp-?"] } },
    [{ prefix: "home/alice/" }, { prefix: "tmp-1" }, { prefix: "home/*/x", username: "*" }],
    [{}, { prefix: "home/bob/" }, { prefix: "tmp-" }, { prefix: "home/bob/x", username: "*" }],
  ],
  StringNotLike: [
    { StringNotLike: { "s3:prefix": ["home/*", "tmp-?"] } },
    [{}, { prefix: "tmp-" }, { prefix: "" }],
    [{ prefix: "home/" }, { prefix: "tmp-1" }],
  ],
  DateEquals: [
    { DateEquals: { "aws:CurrentTime": "2030-06-15T12:00:00Z" } },
    [{}],
    [{ currentTime: "2030-06-15T12:00:01Z" }],
  ],
  DateNotEquals: [
    { DateNotEquals: { "aws:CurrentTime": ["2030-06-15T12:00:00Z", "2030-06-16"] } },
    [{ currentTime: "2030-06-15T12:00:01Z" }],
    [{}, { currentTime: "2030-06-16T00:00:00Z" }],
  ],
  DateLessThan: [
    { DateLessThan: { "aws:CurrentTime": "2030-06-15T12:00:00Z" } },
    [{ currentTime: "2030-06-15T11:59:59.999Z" }],
    [{}, { currentTime: "2031-01-01T00:00:00Z" }],
  ],
  DateLessThanEquals: [
    { DateLessThanEquals: { "aws:CurrentTime": "2030-06-15T12:00:00Z" } },
    [{}, { currentTime: "2030-06-15T11:59:59Z" }],
    [{ currentTime: "2030-06-15T12:00:00.001Z" }],
  ],
  DateGreaterThan: [
    { DateGreaterThan: { "aws:CurrentTime": 1907755200 } },
    [{ currentTime: "2030-06-15T12:00:01Z" }],
    [{}],
  ],
  DateGreaterThanEquals: [
    { DateGreaterThanEquals: { "aws:CurrentTime": "2030-06-15T14:00+02:00" } },
    [{}],
    [{ currentTime: "2030-06-15T11:59:59Z" }],
  ],
  NumericEquals: [
    { NumericEquals: { "s3:max-keys": [10, "20"] } },
    [{ maxKeys: 10 }, { maxKeys: 20 }],
    [{}, { maxKeys: 15 }],
  ],
  NumericNotEquals: [
    { NumericNotEquals: { "s3:max-keys": 10 } },
    [{}, { maxKeys: 11 }],
    [{ maxKeys: 10 }],
  ],
  NumericLessThan: [
    { NumericLessThan: { "s3:max-keys": "10" } },
    [{ maxKeys: 9 }],
    [{}, { maxKeys: 10 }],
  ],
  NumericLessThanEquals: [
    { NumericLessThanEquals: { "s3:max-keys": "10" } },
    [{ maxKeys: 10 }],
    [{ maxKeys: 11 }],
  ],
  NumericGreaterThan: [
    { NumericGreaterThan: { "s3:max-keys": "10" } },
    [{ maxKeys: 11 }],
    [{ maxKeys: 10 }],
  ],
  NumericGreaterThanEquals: [
    { NumericGreaterThanEquals: { "s3:max-keys": "10" } },
    [{ maxKeys: 10 }],
    [{ maxKeys: 9 }],
  ],
  Bool: [
    { Bool: { "aws:SecureTransport": "True" } },
    [{}],
    [{ secureTransport: false }],
  ],
  IpAddress: [
    { IpAddress: { "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"] } },
    [{}, { sourceIp: "2001:db8::9" }, { sourceIp: "::ffff:203.0.113.1" }],
    [{ sourceIp: "203.0.112.255" }, { sourceIp: "2001:db9::" }],
  ],
  NotIpAddress: [
    { NotIpAddress: { "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"] } },
    [{ sourceIp: "203.0.112.255" }],
    [{}, { sourceIp: "2001:db8::9" }],
  ],
  Null: [
    { Null: { "s3:x-amz-acl": "true", "s3:prefix": false } },
    [{ prefix: "" }],
    [{}, { acl: "private", prefix: "" }],
  ],
  StringEqualsIfExists: [
    { StringEqualsIfExists: { "s3:prefix": "a" } },
    [{}, { prefix: "a" }],
    [{ prefix: "b" }],
  ],
  StringNotLikeIfExists: [
    { StringNotLikeIfExists: { "s3:prefix": "a*" } },
    [{}, { prefix: "b" }],
    [{ prefix: "ab" }],
  ],
  NumericLessThanIfExists: [
    { NumericLessThanIfExists: { "s3:max-keys": 10 } },
    [{}, { maxKeys: 9 }],
    [{ maxKeys: 10 }],
  ],
  "several keys and operators, all of which must hold": [
    {
      StringEquals: { "s3:prefix": "a", "s3:delimiter": "/" },
      Bool: { "aws:SecureTransport": true },
    },
    [{ prefix: "a", delimiter: "/" }],
    [{ prefix: "a" }, { delimiter: "/" }, { prefix: "a", delimiter: "/", secureTransport: false }],
  ],
};

for (const [name, [element, yes, no]] of Object.entries(OPERATORS)) {
  Deno.test(`parseConditions() reads ${name}`, () => {
    for (const sample of no) assert.equal(evaluate(element, sample), false, JSON.stringify(sample));
    for (const sample of yes) assert.equal(evaluate(element, sample), true, JSON.stringify(sample));
  });
}

Deno.test("parseConditions() cannot tell where a variable has no value", () => {
  const sample = { delimiter: "/" };
  const positive = { StringEquals: { "s3:delimiter": "${s3:prefix}" } };
  const negated = { StringNotEqualsIgnoreCase: { "s3:delimiter": "${s3:prefix}" } };
  assert.equal(evaluate(positive, sample), "unknown");
  assert.equal(evaluate(negated, sample), "unknown");
});

Deno.test("parseConditions() can tell where another value or condition decides", () => {
  const sample = { delimiter: "/" };
  const fits = { StringEquals: { "s3:delimiter": ["${s3:prefix}", "/"] } };
  const fails = {
    StringEquals: { "s3:delimiter": "${s3:prefix}" },
    Bool: { "aws:SecureTransport": "false" },
  };
  assert.equal(evaluate(fits, sample), true);
  assert.equal(evaluate(fails, sample), false);
});

Deno.test("parseConditions() cannot tell the time by a clock that does not know it", () => {
  const sample = { currentTime: "never" };
  const element = { DateNotEquals: { "aws:CurrentTime": "2030-06-15" } };
  assert.equal(evaluate(element, sample), "unknown");
});

function problemsOf(element: object): (string | number)[][] {
  const problems: PolicyProblem[] = [];
  parseConditions(element, { place: new PolicyPlace(problems), variables: true });
  return problems.map(({ path }) => [...path]);
}

/** operator → key → values that it does not take. */
const REFUSED: readonly (readonly [operator: string, key: string, values: unknown[]])[] = [
  ["Bool", "aws:SecureTransport", ["", "1", 1, null, {}, ["true"]]],
  ["IpAddress", "aws:SourceIp", ["", "10.*", 10, null, ["10.0.0.0/8"]]],
  ["NumericEquals", "s3:max-keys", ["", "1e3", "0x1", NaN, Infinity, true, null, ["1"]]],
  ["DateLessThan", "aws:CurrentTime", [
    "",
    "2030",
    "2030-6-1",
    "2030-02-30",
    "2030-02-30T00:00:00Z",
    "2030-13-01",
    "2030-06-15T25:00Z",
    "2030-06-15T12:00:00",
    "June 15",
    2030,
    true,
    ["2030-06-15"],
  ]],
  ["StringLike", "s3:prefix", [1, true, null, {}, ["a"]]],
];

for (const [operator, key, values] of REFUSED) {
  for (const value of values) {
    Deno.test(`parseConditions() rejects ${JSON.stringify(value)} of ${operator}`, () => {
      assert.deepEqual(problemsOf({ [operator]: { [key]: [value] } }), [
        [operator, key, 0],
      ]);
    });
  }
}
