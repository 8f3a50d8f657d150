import { SAMPLE_DOCUMENT } from "./sample_request.ts";
import assert from "node:assert/strict";
import { parsePolicyDocument } from "../../../src/iam/policy_document.ts";
import { formatPolicyPath, PolicyError } from "../../../src/iam/policy_error.ts";

Deno.test("parsePolicyDocument() reports every problem at once, with its place", () => {
  const document = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "allow", Action: ["s3:GetObject", "s3:Get"], Resource: "*" },
      { Effect: "Deny", Action: "*", Resource: "b", Condition: { Bool: { "s3:prefix": "true" } } },
    ],
  };
  assert.throws(() => parsePolicyDocument(document, SAMPLE_DOCUMENT), (error) => {
    assert.ok(error instanceof PolicyError);
    assert.deepEqual(error.problems.map(({ path }) => formatPolicyPath(path)), [
      "Statement[0].Effect",
      "Statement[0].Action[1]",
      "Statement[1].Resource",
      "Statement[1].Condition.Bool.s3:prefix",
    ]);
    assert.match(error.message, /^Statement\[0\]\.Effect: Unknown effect "allow"/);
    return true;
  });
});

Deno.test("parsePolicyDocument() says once that a version has no variables", () => {
  const document = {
    Version: "2020-01-01",
    Statement: { Effect: "Allow", Action: "*", Resource: "arn:aws:s3:::${aws:username}" },
  };
  assert.throws(() => parsePolicyDocument(document, SAMPLE_DOCUMENT), (error) => {
    assert.ok(error instanceof PolicyError);
    assert.deepEqual(error.problems.map(({ path }) => path), [["Version"]]);
    return true;
  });
});

Deno.test("parsePolicyDocument() names each statement by its place", () => {
  const statement = { Effect: "Allow", Action: "s3:*", Resource: "*" };
  const document = { Version: "2012-10-17", Id: "mine", Statement: [statement, statement] };
  const statements = parsePolicyDocument(document, {
    nameStatement: (index) => `statement ${index}`,
    relaxed: false,
  });
  assert.deepEqual(statements.map(({ id }) => id), [
    "statement 0",
    "statement 1",
  ]);
});

Deno.test("parsePolicyDocument() takes statements alone for those of the current version", () => {
  const statement = { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::a/${aws:username}" };
  const whole = { Version: "2012-10-17", Statement: [statement] };
  const parse = (document: unknown): unknown => parsePolicyDocument(document, SAMPLE_DOCUMENT);
  assert.deepEqual(parse([statement]), parse(whole));
  assert.throws(() => parse([]), PolicyError);
  assert.throws(() => parse([statement, { ...statement, Effect: "x" }]), (error) => {
    assert.ok(error instanceof PolicyError);
    assert.deepEqual(error.problems.map(({ path }) => formatPolicyPath(path)), ["[1].Effect"]);
    return true;
  });
});

Deno.test("parsePolicyDocument() knows the members of an object only, not those of its prototype", () => {
  const document = JSON.parse(
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "__proto__": {}}}',
  );
  assert.throws(() => parsePolicyDocument(document, SAMPLE_DOCUMENT), PolicyError);
  const inherited = Object.create({ Effect: "Allow", Action: "*", Resource: "*" });
  assert.throws(
    () => parsePolicyDocument({ Statement: inherited }, SAMPLE_DOCUMENT),
    PolicyError,
  );
});
