/**
 * Decisions agree with another program's, `@cloud-copilot/iam-simulate`, where the two are meant to agree: identity
 * policies of one account.
 *
 * Known differences, which are left out here: it takes keys, operators and actions that this program refuses when it
 * loads, so only such policies are made as both take; it leaves out of a request what AWS's reference does not list for the action, so
 * a version is a fact only of actions on versions; and what a request asks of a copy's source is another request to it.
 */

import assert from "node:assert/strict";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import { authorize } from "../../src/iam/authorize.ts";
import { buildContext, buildNeed, buildPolicy } from "../unit/iam/sample_request.ts";

/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 400, verbose: 1 } as const;
const ACCOUNT = "123456789012";
const ARN = "arn:aws:s3:::";

const ACTIONS = ["s3:*", "s3:GetObject", "s3:Get*", "s3:Put*", "s3:DeleteObject?ersion"];
const RESOURCES = ["*", "abc", "abc/*", "ab*", "*/k", "abc/a?", "abc/a*/c", "abc/${aws:username}*"];
const OPERATORS = ["Equals", "Like", "EqualsIgnoreCase", "NotEquals", "NotLike"]
  .flatMap((name) => [`String${name}`, `String${name}IfExists`]);
const AGENTS = ["a", "a/", "a*", "?", "A", "${aws:username}"];
const VERSIONS = ["v", "V", "v*", "w"];

function someOf(values: readonly string[]): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

type Block = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function block(
  operator: fc.Arbitrary<string>,
  values: Readonly<Record<string, readonly string[]>>,
): fc.Arbitrary<Block> {
  return fc.constantFrom(...Object.keys(values)).chain((key) =>
    fc.tuple(operator, someOf(values[key] ?? [])).map(([name, expected]) => ({
      [name]: { [key]: expected },
    }))
  );
}

const condition = fc.oneof(
  fc.constant({}),
  {
    weight: 8,
    arbitrary: block(fc.constantFrom(...OPERATORS), {
      "aws:UserAgent": AGENTS,
      "s3:VersionId": VERSIONS,
    }),
  },
  block(fc.constant("Null"), { "aws:UserAgent": ["true", "false"] }),
  block(fc.constant("Bool"), { "aws:SecureTransport": ["true", "false"] }),
  block(fc.constantFrom("IpAddress", "NotIpAddress"), {
    "aws:SourceIp": ["203.0.113.0/24", "203.0.113.7", "198.51.100.0/24"],
  }),
  block(fc.constantFrom("DateLessThan", "DateGreaterThanEquals"), {
    "aws:CurrentTime": ["2030-06-15T12:00:00Z", "2031-01-01T00:00:00Z"],
  }),
);
const statement = fc.tuple(
  fc.constantFrom("Allow", "Deny"),
  fc.constantFrom("Action", "NotAction"),
  someOf(ACTIONS),
  fc.constantFrom("Resource", "NotResource"),
  someOf(RESOURCES.map((name) => name === "*" ? name : ARN + name)),
  condition,
).map(([Effect, action, actions, resource, resources, Condition]) => ({
  Effect,
  [action]: actions,
  [resource]: resources,
  ...(Object.keys(Condition).length === 0 ? {} : { Condition }),
}));
const request = fc.record({
  action: fc.constantFrom("s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion"),
  path: fc.constantFrom("abc/a1", "abc/k", "abc/ax/c", "xbc/a", "abcd/a", "abc/alice", "abc/A1"),
  versionId: fc.constantFrom("v", "V", "w"),
  userAgent: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    "a",
    "a/",
    "A",
    "alice",
    "b",
  ),
});

Deno.test("authorize() decides as iam-simulate does", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 4 }),
      request,
      async (statements, { action, path, versionId, userAgent }) => {
        const version = action.endsWith("Version") ? versionId : undefined;
        const { allowed } = authorize(buildPolicy(...statements), {
          needs: [buildNeed(action, path)],
          context: buildContext({ versionId: version, userAgent }),
        });
        const simulated = await simulate(statements, {
          action,
          resource: ARN + path,
          context: {
            "aws:username": "alice",
            "aws:SecureTransport": "true",
            "aws:SourceIp": "203.0.113.7",
            "aws:CurrentTime": "2030-06-15T12:00:00Z",
            ...(userAgent === undefined ? {} : { "aws:UserAgent": userAgent }),
            ...(version === undefined ? {} : { "s3:VersionId": version }),
          },
        });
        assert.equal(allowed, simulated);
      },
    ),
    PARAMETERS,
  );
});

async function simulate(
  statements: readonly object[],
  { action, resource, context }: {
    action: string;
    resource: string;
    context: Readonly<Record<string, string>>;
  },
): Promise<boolean> {
  const simulation = {
    request: {
      principal: `arn:aws:iam::${ACCOUNT}:user/alice`,
      resource: { resource, accountId: ACCOUNT },
      action,
      contextVariables: { ...context },
    },
    identityPolicies: [{ name: "p", policy: { Version: "2012-10-17", Statement: statements } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const result = await runSimulation(simulation, {});
  assert.equal(result.resultType, "single", JSON.stringify(result));
  return result.resultType === "single" && result.overallResult === "Allowed";
}
