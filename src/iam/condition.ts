/**
 * `Condition` of a statement: all of its operators and keys must hold, for each of which one of its
 * values is enough; for a negated operator (`StringNotEquals`) none of them may fit.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html}.
 * @module
 */

import { nearestName } from "../lib/nearest_name.ts";
import {
  fitsTemplate,
  OPERATORS,
  parseBooleanValue,
  type PlacedValue,
  type ValueTest,
} from "./condition_operators.ts";
import type { PolicyPlace } from "./policy_error.ts";
import { parseElements, parseMembers } from "./policy_json.ts";
import type { Template } from "./policy_variables.ts";
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
  readonly fits: ValueTest;
  /** Whether it holds where no value fits. */
  readonly negated: boolean;
  /** Whether it holds where the request does not have the key. */
  readonly whenAbsent: boolean;
}

/**
 * Whether all of `conditions` hold for a request: a no outweighs an unknown, an unknown outweighs a yes.
 */
export function allHold(conditions: readonly Condition[], context: RequestContext): Truth {
  let result: Truth = true;
  for (const condition of conditions) {
    const truth = holds(condition, context);
    if (truth === false) return false;
    if (truth === "unknown") result = truth;
  }
  return result;
}

/** Holds where the request has `key` and it fits one of `templates`. */
export function requireLike(key: StringKey, templates: readonly Template[]): Condition {
  const fits = fitsTemplate(key, templates);
  return { text: `StringLike ${key.name}`, fits, negated: false, whenAbsent: false };
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
  readonly values: readonly PlacedValue[];
  readonly place: PolicyPlace;
  readonly variables: boolean;
}

function parseCondition(operatorName: string, use: ConditionUse): Condition[] {
  const { key, values, place, variables } = use;
  const text = `${operatorName} ${key.name}`;
  if (operatorName === "Null") {
    return [{ text, fits: parseNull(use), negated: false, whenAbsent: false }];
  }
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
  const fits = parse(values, { key, variables });
  return [{ text, fits, negated, whenAbsent: negated || ifExists }];
}

const IF_EXISTS = "IfExists";

function holds({ fits, negated, whenAbsent }: Condition, context: RequestContext): Truth {
  const truth = fits(context);
  if (truth === undefined) return whenAbsent;
  return negated ? negate(truth) : truth;
}

/** `"Null": {"s3:x-amz-acl": "true"}` holds where the request does not have the key. */
function parseNull({ key, values }: ConditionUse): ValueTest {
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
