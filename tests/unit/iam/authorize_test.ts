import assert from "node:assert/strict";
import { AssertionError } from "../../../src/lib/assert.ts";
import { authorize } from "../../../src/iam/authorize.ts";
import { Policy } from "../../../src/iam/policy.ts";
import { parsePolicyDocument } from "../../../src/iam/policy_document.ts";
import { compileGrant } from "../../../src/iam/presets.ts";
import { formatResourceArn } from "../../../src/iam/resource_pattern.ts";
import {
  buildContext,
  buildNeed,
  buildPolicy,
  parseSampleResource,
  SAMPLE_DOCUMENT,
} from "./sample_request.ts";

const ARN = "arn:aws:s3:::";
const READ_REPORTS = { Action: "s3:GetObject", Resource: `${ARN}reports/*` };
const WRITE_DROP = { Action: "s3:PutObject", Resource: `${ARN}drop/*` };
const DENY_SECRETS = { Effect: "Deny", Action: "s3:*", Resource: `${ARN}*secret*` };

Deno.test("A18 authorize() denies everything without a statement", () => {
  const need = buildNeed("s3:GetObject", "reports/a");
  assert.deepEqual(authorize(new Policy([]), { needs: [need], context: buildContext() }), {
    allowed: false,
    reason: "no_allow",
    statementIds: [],
    need,
  });
});

Deno.test("authorize() refuses to decide a request that needs nothing", () => {
  const policy = buildPolicy({ Action: "*", Resource: "*" });
  assert.throws(() => authorize(policy, { needs: [], context: buildContext() }), AssertionError);
});

Deno.test("Z1 authorize() needs every right of a request, and names the one that is missing", () => {
  const policy = buildPolicy(READ_REPORTS, WRITE_DROP);
  const write = buildNeed("s3:PutObject", "drop/copy");
  const foreign = buildNeed("s3:GetObject", "payroll/a");
  const decision = authorize(policy, { needs: [write, foreign], context: buildContext() });
  assert.deepEqual(decision, {
    allowed: false,
    reason: "no_allow",
    statementIds: [],
    need: foreign,
  });
  const allowed = authorize(policy, {
    needs: [write, buildNeed("s3:GetObject", "reports/a")],
    context: buildContext(),
  });
  assert.equal(allowed.allowed && !allowed.createOnly, true);
  assert.deepEqual(allowed.statementIds, ["test.Statement[1]", "test.Statement[0]"]);
});

Deno.test("Z17 authorize() names the statements that deny", () => {
  const need = buildNeed("s3:GetObject", "reports/secret");
  for (const statements of [[READ_REPORTS, DENY_SECRETS], [DENY_SECRETS, READ_REPORTS]]) {
    const decision = authorize(buildPolicy(...statements), {
      needs: [need],
      context: buildContext(),
    });
    assert.deepEqual(decision, {
      allowed: false,
      reason: "explicit_deny",
      statementIds: [`test.Statement[${statements.indexOf(DENY_SECRETS)}]`],
      need,
    });
  }
});

Deno.test("Z17 authorize() names all statements that allow, in either order", () => {
  const need = buildNeed("s3:PutObject", "reports/a");
  const grant = { access: "append-only", buckets: ["reports"] } as const;
  const [creating, ...others] = compileGrant(grant, { id: "create", relaxed: false })
    .filter(({ actions }) => actions.has("s3:PutObject"));
  assert.ok(creating?.createOnly === true && others.length === 0);
  const [writing] = buildPolicy({ Action: "s3:*", Resource: "*" }).statements;
  assert.ok(writing !== undefined);
  for (const statements of [[creating, writing], [writing, creating]]) {
    const decision = authorize(new Policy(statements), { needs: [need], context: buildContext() });
    assert.deepEqual({ ...decision, statementIds: decision.statementIds.toSorted() }, {
      allowed: true,
      statementIds: ["create", "test.Statement[0]"],
      createOnly: false,
    });
  }
});

Deno.test("authorize() names no allow that cannot be told to apply", () => {
  const unclear = { Action: "s3:GetObject", Resource: `${ARN}reports/\${s3:prefix}` };
  const decision = authorize(buildPolicy(unclear, READ_REPORTS), {
    needs: [buildNeed("s3:GetObject", "reports/a")],
    context: buildContext(),
  });
  assert.deepEqual(decision.statementIds, ["test.Statement[1]"]);
});

Deno.test("authorize() denies where it cannot tell whether a deny applies", () => {
  const deny = { Effect: "Deny", Action: "s3:GetObject", Resource: `${ARN}reports/\${s3:prefix}` };
  const policy = buildPolicy(READ_REPORTS, deny);
  const decision = authorize(policy, {
    needs: [buildNeed("s3:GetObject", "reports/a")],
    context: buildContext(),
  });
  assert.equal(decision.allowed, false);
  assert.equal(!decision.allowed && decision.reason, "evaluation_error");
  assert.deepEqual(decision.statementIds, ["test.Statement[1]"]);
});

Deno.test("authorize() compares relaxed bucket names exactly", () => {
  const document = {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "s3:*", Resource: [`${ARN}Logs`, `${ARN}X*-Y`] },
  };
  const policy = new Policy(parsePolicyDocument(document, { ...SAMPLE_DOCUMENT, relaxed: true }));
  const decide = (bucket: string): boolean =>
    authorize(policy, { needs: [buildNeed("s3:ListBucket", bucket)], context: buildContext() })
      .allowed;
  assert.deepEqual(["logs", "x1-Y", "X1-y"].map(decide), [false, false, false]);
  assert.deepEqual(["Logs", "X1-Y"].map(decide), [true, true]);
});

Deno.test("authorize() is create-only where nothing else allows the write", () => {
  const append = compileGrant({ access: "append-only", buckets: ["drop"] }, {
    id: "grants[0]",
    relaxed: false,
  });
  const write = buildNeed("s3:PutObject", "drop/a");
  const read = buildNeed("s3:GetObject", "drop/a");
  const both = new Policy([...append, ...buildPolicy(WRITE_DROP).statements]);
  const createOnly = (policy: Policy, ...needs: typeof write[]): boolean => {
    const decision = authorize(policy, { needs, context: buildContext() });
    assert.ok(decision.allowed);
    return decision.createOnly;
  };
  assert.equal(createOnly(both, write), false);
  assert.equal(createOnly(new Policy(append), read), false);
  assert.equal(createOnly(new Policy(append), write), true);
  assert.equal(createOnly(new Policy(append), write, read), true);
  assert.equal(createOnly(new Policy(append), read, write), true);
});

Deno.test("formatResourceArn() writes what a policy would", () => {
  const arns = ["*", "reports", "reports/a/b c"].map((text) =>
    formatResourceArn(parseSampleResource(text))
  );
  assert.deepEqual(arns, [`${ARN}*`, `${ARN}reports`, `${ARN}reports/a/b c`]);
});
