/**
 * `Condition` of a statement: all of its operators and keys must hold, for each of which one of its
 * values is enough; for a negated operator (`StringNotEquals`) none of them may fit.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html}.
 * @module
 */

import { nearestName } from "../lib/nearest_name.ts";
import { OPERATORS, parseBooleanValue, type ValueTest } from "./condition_operators.ts";
import type { PolicyPlace } from "./policy_error.ts";
import { parseElements, parseMembers } from "./policy_json.ts";
import { matchesTemplate, type Template } from "./policy_variables.ts";
import {
  CONDITION_KEYS,
  type ConditionKey,
  findConditionKey,
  type RequestContext,
  type StringKey,
} from "./request_context.ts";
import { negate, type Truth } from "./truth.ts";

/** One operator on one key. */
export interface Condition {
  /** `StringLike s3:prefix`, for people. */
  readonly text: string;
  readonly holds: (context: RequestContext) => Truth;
}

/** Holds where the request has `key` and it fits one of `templates`. */
export function requireLike(key: StringKey, templates: readonly Template[]): Condition {
  const tests = templates.map((template): ValueTest => (context) =>
    matchesTemplate(template, { text: key.read(context) ?? "", context })
  );
  const holds = buildHolds(tests, { key, negated: false, whenAbsent: false });
  return { text: `StringLike ${key.name}`, holds };
}

/**
 * Reads a `Condition` element; reports unknown operators and keys, and values that do not fit them.
 */
export function parseConditions(
  element: unknown,
  { place, variables }: { place: PolicyPlace; variables: boolean },
): Condition[] {
  const operators = parseMembers(element, place) ?? [];
  return operators.flatMap(([operatorName, keys]) => {
    const operatorPlace = place.at(operatorName);
    const members = parseMembers(keys, operatorPlace);
    if (members === undefined) return [];
    if (members.length === 0) operatorPlace.report("Expected at least one condition key");
    return members.flatMap(([keyName, values]) => {
      const keyPlace = operatorPlace.at(keyName);
      const key = parseKey(keyName, keyPlace);
      if (key === undefined) return [];
      const { normalise = (text) => text } = key;
      const meant = parseElements(values, keyPlace).map(([value, at]) =>
        [typeof value === "string" ? normalise(value) : value, at] as const
      );
      return parseCondition(operatorName, { key, values: meant, place: keyPlace, variables });
    });
  });
}

interface ConditionUse {
  readonly key: ConditionKey;
  readonly values: readonly (readonly [unknown, PolicyPlace])[];
  readonly place: PolicyPlace;
  readonly variables: boolean;
}

function parseCondition(operatorName: string, use: ConditionUse): Condition[] {
  const { key, values, place, variables } = use;
  const text = `${operatorName} ${key.name}`;
  if (operatorName === "Null") return [{ text, holds: parseNull(use) }];
  const ifExists = operatorName.endsWith(IF_EXISTS);
  const operator = OPERATORS.get(
    ifExists ? operatorName.slice(0, -IF_EXISTS.length) : operatorName,
  );
  if (operator === undefined) {
    place.report(describeUnknownOperator(operatorName));
    return [];
  }
  const { type, negated, parse } = operator;
  if (type !== key.type) {
    place.report(`"${operatorName}" compares a ${type}; "${key.name}" has the type ${key.type}`);
    return [];
  }
  const tests = values.map(([value, place]) => parse(value, { key, place, variables }));
  return [{ text, holds: buildHolds(tests, { key, negated, whenAbsent: negated || ifExists }) }];
}

const IF_EXISTS = "IfExists";

function buildHolds(
  tests: readonly ValueTest[],
  { key, negated, whenAbsent }: { key: ConditionKey; negated: boolean; whenAbsent: boolean },
): Condition["holds"] {
  return (context) => {
    if (key.read(context) === undefined) return whenAbsent;
    let truth: Truth = false;
    for (const test of tests) {
      const one = test(context);
      if (one !== false) truth = one;
      if (one === true) break;
    }
    return negated ? negate(truth) : truth;
  };
}

/** `"Null": {"s3:x-amz-acl": "true"}` holds where the request does not have the key. */
function parseNull({ key, values }: ConditionUse): Condition["holds"] {
  const wanted = new Set(values.map(([value, place]) => parseBooleanValue(value, place)));
  return (context) => wanted.has(key.read(context) === undefined);
}

function parseKey(name: string, place: PolicyPlace): ConditionKey | undefined {
  const key = findConditionKey(name);
  if (key === undefined) {
    const nearest = nearestName(name, CONDITION_KEYS.map(({ name }) => name));
    const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
    place.report(`Unknown condition key "${name}"${hint}`);
  }
  return key;
}

function describeUnknownOperator(name: string): string {
  if (/^For(?:All|Any)Values?:/.test(name)) {
    return `"${name}" is for keys with several values; every key known here has one`;
  }
  const nearest = nearestName(name, ["Null", ...OPERATORS.keys()]);
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return `Unknown condition operator "${name}"${hint}`;
}
