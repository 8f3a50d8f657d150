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
import { type PolicyPlace, reportUnknownName } from "./policy_error.ts";
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
  /** `s3:prefix`. */
  readonly key: string;
  readonly fits: ValueTest;
  /** Whether the condition holds where no value fits. */
  readonly negated: boolean;
  /** Whether the condition holds where the request does not have the key. */
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
  return { text: `StringLike ${key.name}`, key: key.name, fits, negated: false, whenAbsent: false };
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
    const unknown = findUnknownOperator(operatorName);
    if (unknown !== undefined) {
      reportUnknownName(operatorName, { ...unknown, place });
      return [];
    }
    const operatorPlace = place.at(operatorName);
    const members = parseMembers(keys, operatorPlace);
    if (members === undefined) return [];
    if (members.length === 0) operatorPlace.report("Expected at least one condition key");
    const seen = new Set<ConditionKey>();
    return members.flatMap(([keyName, values]) => {
      const key = parseKey(keyName, operatorPlace);
      if (key === undefined) return [];
      const keyPlace = operatorPlace.at(keyName);
      if (seen.has(key)) keyPlace.report(`"${key.name}" stands twice under "${operatorName}"`);
      seen.add(key);
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
    return [{ text, key: key.name, fits: parseNull(use), negated: false, whenAbsent: false }];
  }
  const ifExists = operatorName.endsWith(IF_EXISTS);
  const operator = OPERATORS.get(
    ifExists ? operatorName.slice(0, -IF_EXISTS.length) : operatorName,
  );
  if (operator === undefined) {
    place.report(`"${operatorName}" is for keys with several values; every key known here has one`);
    return [];
  }
  const { type, negated, parse } = operator;
  if (type !== key.type) {
    place.report(`"${operatorName}" compares a ${type}; "${key.name}" has the type ${key.type}`);
    return [];
  }
  const fits = parse(values, { key, variables });
  return [{ text, key: key.name, fits, negated, whenAbsent: negated || ifExists }];
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
  return (context) =>
    key.cannotTell?.(context) === true ? "unknown" : wanted.has(key.read(context) === undefined);
}

/** Operators of AWS that are not known here. */
const FOREIGN_KEY = /^[a-z0-9-]{2,20}:[A-Za-z-]{2,40}$/;

function parseKey(name: string, place: PolicyPlace): ConditionKey | undefined {
  const key = findConditionKey(name);
  if (key === undefined) {
    const nearest = nearestName(name, CONDITION_KEYS.map(({ name }) => name));
    const what = "condition key";
    if (nearest === undefined && FOREIGN_KEY.test(name)) {
      place.at(name).report(`Unknown ${what} "${name}"`);
    } else reportUnknownName(name, { what, nearest, place });
  }
  return key;
}

/** The message for an unknown operator; operators for keys with several values exist, and have a message of their own. */
function findUnknownOperator(
  name: string,
): { what: string; nearest: string | undefined } | undefined {
  const bare = name.endsWith(IF_EXISTS) ? name.slice(0, -IF_EXISTS.length) : name;
  if (name === "Null" || OPERATORS.has(bare) || /^For(?:All|Any)Values?:[A-Za-z]+$/.test(name)) {
    return undefined;
  }
  return { what: "condition operator", nearest: nearestName(name, ["Null", ...OPERATORS.keys()]) };
}
