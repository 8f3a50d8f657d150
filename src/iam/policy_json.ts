/**
 * The two shapes a policy document is made of: objects, and lists that IAM lets people write
 * without their brackets.
 * @module
 */

import type { PolicyPlace } from "./policy_error.ts";

/** The members of an object in order; `undefined` for anything else, which is reported. */
export function parseMembers(
  value: unknown,
  place: PolicyPlace,
): [name: string, value: unknown][] | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  place.report(`Expected an object, got ${describe(value)}`);
}

/** The elements of a list, or a single value as a list of one; an empty list is reported. */
export function parseElements(value: unknown, place: PolicyPlace): [unknown, PolicyPlace][] {
  if (!Array.isArray(value)) return [[value, place]];
  if (value.length === 0) place.report("Expected at least one value, got an empty list");
  return value.map((element, index) => [element, place.at(index)]);
}

/** A text; anything else is reported and read as an empty one. */
export function parseText(value: unknown, place: PolicyPlace): string {
  if (typeof value === "string") return value;
  place.report(`Expected text, got ${describe(value)}`);
  return "";
}

/** What a message calls `value`. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "an object" : `${typeof value} ${value}`;
}
