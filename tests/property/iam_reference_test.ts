/** Decisions agree with AWS's evaluation logic, written down a second time with regular expressions and no care for speed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { authorize } from "../../src/iam/authorize.ts";
import { buildContext, buildNeed, buildPolicy } from "../unit/iam/sample_request.ts";

/** A failure prints its seed and path; put here, they repeat it. */
const PARAMETERS = { numRuns: 1500, verbose: 1 } as const;
const ARN = "arn:aws:s3:::";

const ACTIONS = ["*", "s3:*", "s3:GetObject", "s3:GetObject*", "s3:Put*", "s3:DeleteObject?ersion"];
const RESOURCES = ["*", "abc", "abc/*", "ab*", "*/k", "abc/a?", "abc/a*/c", "?bc/a*"];
const VALUES = ["", "a", "a/", "a*", "?", "A"];
const KEYS = ["s3:VersionId", "aws:UserAgent"] as const;
const STRING_OPERATORS = ["Equals", "Like", "EqualsIgnoreCase", "NotEquals", "NotLike"]
  .flatMap((name) => [`String${name}`, `String${name}IfExists`]);

type Values = Readonly<Partial<Record<string, string>>>;
type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Sample {
  readonly effect: "Allow" | "Deny";
  readonly notAction: boolean;
  readonly actions: readonly string[];
  readonly notResource: boolean;
  readonly resources: readonly string[];
  readonly conditions: Conditions;
}

function someOf<Value>(values: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

const keys = (values: readonly string[]): fc.Arbitrary<Record<string, string[]>> =>
  fc.dictionary(fc.constantFrom(...KEYS), someOf(values), { minKeys: 1, noNullPrototype: true });
const conditions = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.constantFrom(...STRING_OPERATORS), keys(VALUES), { noNullPrototype: true }),
  keys(["true", "false"]).map((Null) => ({ Null })),
);
const sample: fc.Arbitrary<Sample> = fc.record({
  effect: fc.constantFrom("Allow", "Deny"),
  notAction: fc.boolean(),
  actions: someOf(ACTIONS.slice(1)),
  notResource: fc.boolean(),
  resources: someOf(RESOURCES),
  conditions,
});
const request = fc.record({
  action: fc.constantFrom("s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"),
  path: fc.constantFrom("abc/a1", "abc/k", "abc/ax/c", "xbc/a", "abcd/a", "abc/a"),
  versionId: fc.constantFrom(undefined, ...VALUES),
  userAgent: fc.constantFrom(undefined, ...VALUES),
});

Deno.test("authorize() decides as a naive reading of AWS's evaluation logic does", () => {
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 4 }),
      request,
      (samples, { action, path, versionId, userAgent }) => {
        // Of an action without version, a version is no fact.
        const isVersion = action.endsWith("Version");
        const values: Values = {
          "s3:VersionId": isVersion ? versionId : undefined,
          "aws:UserAgent": userAgent,
        };
        const applying = samples.filter((sample) => applies(sample, { action, path, values }));
        const { allowed } = authorize(buildPolicy(...samples.map(formatStatement)), {
          needs: [buildNeed(action, path)],
          context: buildContext({ versionId, userAgent }),
        });
        const effects = new Set(applying.map(({ effect }) => effect));
        assert.equal(allowed, effects.has("Allow") && !effects.has("Deny"));
      },
    ),
    PARAMETERS,
  );
});

function formatStatement(sample: Sample): object {
  const resources = sample.resources.map((resource) => resource === "*" ? "*" : ARN + resource);
  return {
    Effect: sample.effect,
    [sample.notAction ? "NotAction" : "Action"]: sample.actions,
    [sample.notResource ? "NotResource" : "Resource"]: resources,
    Condition: sample.conditions,
  };
}

function applies(
  { actions, notAction, resources, notResource, conditions }: Sample,
  { action, path, values }: { action: string; path: string; values: Values },
): boolean {
  return actions.some((pattern) => isLike(pattern, action)) !== notAction &&
    resources.some((pattern) => isLike(pattern, path)) !== notResource &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) =>
        holds(operator, { expected, actual: values[key] })
      )
    );
}

function holds(
  operator: string,
  { expected, actual }: { expected: readonly string[]; actual: string | undefined },
): boolean {
  if (operator === "Null") return expected.includes(String(actual === undefined));
  const negated = operator.includes("Not");
  if (actual === undefined) return negated || operator.endsWith("IfExists");
  const fits = expected.some((value) => {
    if (operator.includes("Like")) return isLike(value, actual);
    return operator.includes("IgnoreCase")
      ? value.toLowerCase() === actual.toLowerCase()
      : value === actual;
  });
  return fits !== negated;
}

function isLike(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll(
    "?",
    ".",
  );
  return new RegExp(`^${source}$`, "su").test(text);
}
