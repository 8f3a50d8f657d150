/**
 * The operators of conditions: what type of key each is for, how its values read, and what it
 * compares.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { containsAddress, parseIpRange } from "./ip_range.ts";
import type { PolicyPlace } from "./policy_error.ts";
import { parseText } from "./policy_json.ts";
import { bindTemplate, matchesTemplate, parseTemplate } from "./policy_variables.ts";
import type { ConditionKey, RequestContext } from "./request_context.ts";
import type { Truth } from "./truth.ts";

/**
 * Whether a request's value fits one value of the policy. INVARIANT: only asked where the request
 * has the key.
 */
export type ValueTest = (context: RequestContext) => Truth;

/** Where a value of the policy stands, and what it is compared with. */
export interface ValueUse {
  readonly key: ConditionKey;
  readonly place: PolicyPlace;
  /** Whether the policy's version has variables. */
  readonly variables: boolean;
}

/** One operator. */
export interface Operator {
  readonly type: ConditionKey["type"];
  /** Whether it holds where *none* of its values fits, a missing key included. */
  readonly negated: boolean;
  /** INVARIANT: `use.key` is of the operator's type. Reports a value that is not. */
  readonly parse: (value: unknown, use: ValueUse) => ValueTest;
}

type Compare = (actual: number, expected: number) => boolean;

const COMPARISONS: readonly (readonly [suffix: string, negated: boolean, compare: Compare])[] = [
  ["Equals", false, (actual, expected) => actual === expected],
  ["NotEquals", true, (actual, expected) => actual === expected],
  ["LessThan", false, (actual, expected) => actual < expected],
  ["LessThanEquals", false, (actual, expected) => actual <= expected],
  ["GreaterThan", false, (actual, expected) => actual > expected],
  ["GreaterThanEquals", false, (actual, expected) => actual >= expected],
];

/** name → operator, without `Null` and the `…IfExists` forms. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["StringEquals", { type: "string", negated: false, parse: parseEquals }],
  ["StringNotEquals", { type: "string", negated: true, parse: parseEquals }],
  ["StringEqualsIgnoreCase", { type: "string", negated: false, parse: parseEqualsIgnoreCase }],
  ["StringNotEqualsIgnoreCase", { type: "string", negated: true, parse: parseEqualsIgnoreCase }],
  ["StringLike", { type: "string", negated: false, parse: parseLike }],
  ["StringNotLike", { type: "string", negated: true, parse: parseLike }],
  ["Bool", { type: "boolean", negated: false, parse: parseBool }],
  ["IpAddress", { type: "address", negated: false, parse: parseInRange }],
  ["NotIpAddress", { type: "address", negated: true, parse: parseInRange }],
  ...COMPARISONS.flatMap(([suffix, negated, compare]): [string, Operator][] => [
    [`Numeric${suffix}`, { type: "number", negated, parse: createNumericParser(compare) }],
    [`Date${suffix}`, { type: "date", negated, parse: createDateParser(compare) }],
  ]),
]);

/** Reads `true` or `false`, with or without quotes; reports anything else. */
export function parseBooleanValue(value: unknown, place: PolicyPlace): boolean {
  const text = typeof value === "string" ? value.toLowerCase() : value;
  if (text === true || text === "true") return true;
  if (text === false || text === "false") return false;
  place.report(`Expected "true" or "false", got "${value}"`);
  return false;
}

function parseEquals(value: unknown, { key, place, variables }: ValueUse): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  const syntax = { wildcards: false, variables };
  const template = parseTemplate(parseText(value, place), { place, syntax });
  return (context) => matchesTemplate(template, { text: key.read(context) ?? "", context });
}

function parseEqualsIgnoreCase(value: unknown, { key, place, variables }: ValueUse): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  const syntax = { wildcards: false, variables };
  const template = parseTemplate(parseText(value, place), { place, syntax });
  return (context) => {
    const pattern = bindTemplate(template, context);
    if (pattern === undefined) return "unknown";
    return pattern.literal?.toLowerCase() === key.read(context)?.toLowerCase();
  };
}

function parseLike(value: unknown, { key, place, variables }: ValueUse): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  const syntax = { wildcards: true, variables };
  const template = parseTemplate(parseText(value, place), { place, syntax });
  return (context) => matchesTemplate(template, { text: key.read(context) ?? "", context });
}

function parseBool(value: unknown, { key, place }: ValueUse): ValueTest {
  assert(key.type === "boolean", "the key fits the operator");
  const expected = parseBooleanValue(value, place);
  return (context) => key.read(context) === expected;
}

function parseInRange(value: unknown, { key, place }: ValueUse): ValueTest {
  assert(key.type === "address", "the key fits the operator");
  const range = typeof value === "string" ? parseIpRange(value) : undefined;
  if (range === undefined) {
    place.report(`Cannot parse "${value}": expected an address or a range, 192.0.2.0/24`);
    return () => "unknown";
  }
  return (context) => containsAddress(range, key.read(context));
}

function createNumericParser(compare: Compare): Operator["parse"] {
  return (value, { key, place }) => {
    assert(key.type === "number", "the key fits the operator");
    const isNumber = typeof value === "number" && Number.isFinite(value) ||
      typeof value === "string" && /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(value);
    if (!isNumber) place.report(`Cannot parse "${value}": expected a number`);
    const expected = Number(value);
    return (context) => compareNumbers(key.read(context) ?? NaN, { expected, compare });
  };
}

function createDateParser(compare: Compare): Operator["parse"] {
  return (value, { key, place }) => {
    assert(key.type === "date", "the key fits the operator");
    const expected = parseDateMs(value);
    if (expected === undefined) {
      place.report(
        `Cannot parse "${value}": expected 2030-01-31, 2030-01-31T12:00:00Z or a time in seconds`,
      );
      return () => "unknown";
    }
    return (context) => compareNumbers(key.read(context).getTime(), { expected, compare });
  };
}

function compareNumbers(
  actual: number,
  { expected, compare }: { expected: number; compare: Compare },
): Truth {
  return Number.isNaN(actual) || Number.isNaN(expected) ? "unknown" : compare(actual, expected);
}

// The ISO 8601 forms of https://www.w3.org/TR/NOTE-datetime that name a day, or seconds since 1970.
const ISO_DATE =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const EPOCH_SECONDS = /^\d{9,11}$/;

/** Milliseconds since 1970; `undefined` for what is no date, the 30th of February included. */
function parseDateMs(value: unknown): number | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  if (EPOCH_SECONDS.test(text)) return Number(text) * 1000;
  const day = ISO_DATE.exec(text)?.groups?.["day"];
  if (day === undefined) return undefined;
  const ms = Date.parse(text);
  const dayMs = Date.parse(day);
  if (Number.isNaN(ms) || Number.isNaN(dayMs)) return undefined;
  return new Date(dayMs).toISOString().startsWith(day) ? ms : undefined;
}
