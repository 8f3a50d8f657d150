import assert from "node:assert/strict";
import fc from "fast-check";
import { authorize, type Decision } from "../../src/iam/authorize.ts";
import { touchesBucket } from "../../src/iam/whole_bucket.ts";
import { Policy, type Statement } from "../../src/iam/policy.ts";
import { parsePolicyDocument } from "../../src/iam/policy_document.ts";
import { compileGrant } from "../../src/iam/presets.ts";
import { buildContext, buildNeed, parseSampleBucket } from "../unit/iam/sample_request.ts";

/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 1000, verbose: 1 } as const;
const ARN = "arn:aws:s3:::";

const action = fc.constantFrom("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject");
const actions = fc.constantFrom("s3:*", "s3:Get*", "s3:*Object", "s3:ListBucket", "s3:PutObject");
const bucket = fc.constantFrom("abc", "abd", "xyz");
const resources = fc.constantFrom(
  "*",
  `${ARN}abc`,
  `${ARN}abc/*`,
  `${ARN}ab*`,
  `${ARN}ab?/k*`,
  `${ARN}*/\${aws:username}/*`,
  `${ARN}abd/\${s3:prefix}*`,
  `${ARN}xyz/k`,
);
const conditions = fc.constantFrom(
  {},
  { Bool: { "aws:SecureTransport": "true" } },
  { StringLike: { "s3:prefix": "k*" } },
  { StringNotEquals: { "s3:prefix": "k" } },
  { StringEquals: { "s3:delimiter": "${s3:prefix}" } },
);

const statement = fc.tuple(
  fc.constantFrom("Allow", "Deny"),
  fc.constantFrom("Action", "NotAction"),
  actions,
  fc.constantFrom("Resource", "NotResource"),
  fc.array(resources, { minLength: 1, maxLength: 2 }),
  conditions,
).map(([Effect, actionName, actions, resourceName, resources, Condition]) => {
  const element = { Effect, [actionName]: actions, [resourceName]: resources, Condition };
  return parsePolicyDocument({ Version: "2012-10-17", Statement: element }, {
    nameStatement: () => JSON.stringify(element),
    relaxed: false,
  });
});
const grant = fc.record({
  access: fc.constantFrom("read-only", "append-only", "read-write", "full"),
  buckets: fc.constantFrom(["abc"], ["ab*"]),
  prefixes: fc.constantFrom(undefined, ["k"], ["${user}/"]),
}).map((value) => compileGrant(value, { id: JSON.stringify(value), relaxed: false }));
const statements = fc.array(fc.oneof(statement, grant), { maxLength: 6 }).map((lists) =>
  lists.flat()
);

const resource = fc.tuple(bucket, fc.constantFrom("", "/k", "/k1", "/alice/x"))
  .map(([bucket, key]) => bucket + key);
const need = fc.tuple(action, resource).map(([action, resource]) => buildNeed(action, resource));
const needs = fc.array(need, { minLength: 1, maxLength: 3 });
const context = fc.record({
  secureTransport: fc.boolean(),
  prefix: fc.constantFrom(undefined, "", "k", "k1"),
  delimiter: fc.constantFrom(undefined, "k"),
}).map(buildContext);

/** A decision without the order in which its statements stood. */
function normalize(decision: Decision): unknown {
  return { ...decision, statementIds: decision.statementIds.toSorted() };
}

function shuffled(list: readonly Statement[]): fc.Arbitrary<Statement[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

Deno.test("Z17 authorize() decides alike in every order of the statements", () => {
  const both = statements.chain((list) => fc.tuple(fc.constant(list), shuffled(list)));
  fc.assert(
    fc.property(both, needs, context, ([list, others], needs, context) => {
      assert.deepEqual(
        normalize(authorize(new Policy(list), { needs, context })),
        normalize(authorize(new Policy(others), { needs, context })),
      );
    }),
    PARAMETERS,
  );
});

Deno.test("Z17 authorize() allows no more with one more deny", () => {
  const deny = statement.filter(([statement]) => statement?.effect === "Deny");
  fc.assert(
    fc.property(statements, deny, needs, context, (list, deny, needs, context) => {
      const before = authorize(new Policy(list), { needs, context });
      const after = authorize(new Policy([...list, ...deny]), { needs, context });
      if (!before.allowed) assert.equal(after.allowed, false);
      else if (after.allowed) assert.equal(after.createOnly, before.createOnly);
    }),
    PARAMETERS,
  );
});

Deno.test("authorize() allows a request only where it allows each of its needs", () => {
  fc.assert(
    fc.property(statements, needs, context, (list, needs, context) => {
      const policy = new Policy(list);
      const all = needs.every((need) => authorize(policy, { needs: [need], context }).allowed);
      assert.equal(authorize(policy, { needs, context }).allowed, all);
    }),
    PARAMETERS,
  );
});

Deno.test("authorize() finds the same with the statements filed by bucket as one by one", () => {
  fc.assert(
    fc.property(statements, need, context, (list, need, context) => {
      const single = list.map((statement) =>
        authorize(new Policy([statement]), { needs: [need], context })
      );
      const denied = single.some((decision) => !decision.allowed && decision.reason !== "no_allow");
      const allowed = single.some((decision) => decision.allowed);
      const decision = authorize(new Policy(list), { needs: [need], context });
      assert.equal(decision.allowed, allowed && !denied);
    }),
    PARAMETERS,
  );
});

Deno.test("Z12 touchesBucket() shows every bucket in which something is allowed", () => {
  fc.assert(
    fc.property(statements, need, context, (list, need, context) => {
      const policy = new Policy(list);
      if (need.resource.level === "service") return;
      if (!authorize(policy, { needs: [need], context }).allowed) return;
      assert.ok(
        touchesBucket(policy, { bucket: parseSampleBucket(need.resource.bucket), context }),
      );
    }),
    PARAMETERS,
  );
});
