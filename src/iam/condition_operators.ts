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
import {
  bindTemplate,
  matchesAnyTemplate,
  parseTemplate,
  type Template,
  type TemplateSyntax,
} from "./policy_variables.ts";
import type { ConditionKey, RequestContext, StringKey } from "./request_context.ts";
import { anyOf, type Truth } from "./truth.ts";

/** Whether a request's value fits one of a policy's; `undefined` where the request does not have the key; see {@linkcode ConditionKey.cannotTell}. */
export type ValueTest = (context: RequestContext) => Truth | undefined;

/** A value of a policy, and where it stands. */
export type PlacedValue = readonly [value: unknown, place: PolicyPlace];

/** What values are compared with. */
export interface ValueUse {
  readonly key: ConditionKey;
  /** Whether the policy's version has variables. */
  readonly variables: boolean;
}

/** One operator. */
export interface Operator {
  readonly type: ConditionKey["type"];
  /** Whether it holds where *none* of its values fits, a missing key included. */
  readonly negated: boolean;
  /** INVARIANT: `use.key` is of the operator's type. Reports values that are not. */
  readonly parse: (values: readonly PlacedValue[], use: ValueUse) => ValueTest;
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

/** Fits where the request's `key` is what one of `templates` says. */
export function fitsTemplate(key: StringKey, templates: readonly Template[]): ValueTest {
  return (context) => {
    const text = key.read(context);
    return text === undefined
      ? tellAbsent(key, context)
      : matchesAnyTemplate(templates, { text, context });
  };
}

function tellAbsent({ cannotTell }: StringKey, context: RequestContext): Truth | undefined {
  return cannotTell?.(context) === true ? "unknown" : undefined;
}

function parseEquals(values: readonly PlacedValue[], { key, variables }: ValueUse): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  return fitsTemplate(key, parseTemplates(values, { wildcards: false, variables }));
}

function parseLike(values: readonly PlacedValue[], { key, variables }: ValueUse): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  return fitsTemplate(key, parseTemplates(values, { wildcards: true, variables }));
}

function parseEqualsIgnoreCase(
  values: readonly PlacedValue[],
  { key, variables }: ValueUse,
): ValueTest {
  assert(key.type === "string", "the key fits the operator");
  const templates = parseTemplates(values, { wildcards: false, variables });
  return (context) => {
    const text = key.read(context)?.toLowerCase();
    if (text === undefined) return tellAbsent(key, context);
    return anyOf(templates, (template) => {
      const pattern = bindTemplate(template, context);
      return pattern === undefined ? "unknown" : pattern.literal?.toLowerCase() === text;
    });
  };
}

function parseTemplates(values: readonly PlacedValue[], syntax: TemplateSyntax): Template[] {
  return values.map(([value, place]) => parseTemplate(parseText(value, place), { place, syntax }));
}

function parseBool(values: readonly PlacedValue[], { key }: ValueUse): ValueTest {
  assert(key.type === "boolean", "the key fits the operator");
  const expected = values.map(([value, place]) => parseBooleanValue(value, place));
  return (context) => expected.includes(key.read(context));
}

function parseInRange(values: readonly PlacedValue[], { key }: ValueUse): ValueTest {
  assert(key.type === "address", "the key fits the operator");
  const ranges = values.flatMap(([value, place]) => {
    const range = typeof value === "string" ? parseIpRange(value) : undefined;
    if (range !== undefined) return [range];
    place.report(`Cannot parse "${value}": expected an address or a range, 192.0.2.0/24`);
    return [];
  });
  return (context) => {
    const address = key.read(context);
    return ranges.some((range) => containsAddress(range, address));
  };
}

function createNumericParser(compare: Compare): Operator["parse"] {
  return (values, { key }) => {
    assert(key.type === "number", "the key fits the operator");
    const numbers = values.map(([value, place]) => {
      const isNumber = typeof value === "number" && Number.isFinite(value) ||
        typeof value === "string" && /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(value);
      if (!isNumber) place.report(`Cannot parse "${value}": expected a number`);
      return Number(value);
    });
    return (context) => {
      const actual = key.read(context);
      if (actual === undefined) return undefined;
      return Number.isNaN(actual) ? "unknown" : numbers.some((number) => compare(actual, number));
    };
  };
}

function createDateParser(compare: Compare): Operator["parse"] {
  return (values, { key }) => {
    assert(key.type === "date", "the key fits the operator");
    const dates = values.map(([value, place]) => {
      const ms = parseDateMs(value);
      if (ms === undefined) {
        place.report(
          `Cannot parse "${value}": expected 2030-01-31, 2030-01-31T12:00:00Z or a time in seconds`,
        );
      }
      return ms ?? NaN;
    });
    return (context) => {
      const actual = key.read(context).getTime();
      return Number.isNaN(actual) ? "unknown" : dates.some((date) => compare(actual, date));
    };
  };
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
