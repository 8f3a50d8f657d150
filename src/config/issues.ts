/**
 * What zod finds, in words for an operator. See {@link https://zod.dev/error-customization}.
 * @module
 */

import type { z } from "zod";
import { assert } from "../lib/assert.ts";
import { nearestName } from "../lib/nearest_name.ts";
import { describeKind } from "./data.ts";
import type { Problem } from "./problem.ts";

/** What zod calls the kinds of values, and what people do. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["array", "a list"],
  ["boolean", "true or false"],
  ["object", "a mapping"],
  ["string", "text"],
]);
const NAMES_SHOWN_MAX = 8;
/** Of a key that is nearly a known one, and therefore no secret. */
const HINT = "did you mean";

/** zod's issues as problems: one for each unknown key. */
export function toProblems(issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((step) => {
      assert(typeof step !== "symbol", "YAML has no symbols");
      return step;
    });
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    const messages = issue.message.split("\n");
    return issue.keys.map((key, index) => {
      const message = messages[index] ?? "unknown key";
      return { path: [...path, key], message, atKey: true, hidesKey: !message.includes(HINT) };
    });
  });
}

/** The message of an issue that its schema has none for. */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  const { code, input } = issue;
  switch (code) {
    case "invalid_type":
      return describeMismatch(input, String(issue.expected));
    case "invalid_value":
      return `expected one of ${formatNames(issue.values.map(String))}`;
    case "too_small":
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return "is not valid";
  }
}

/** The message of one issue about `keys`, which {@linkcode toProblems} takes apart again. */
export function describeUnknownKeys(keys: readonly string[], known: readonly string[]): string {
  return keys.map((key) => {
    const nearest = nearestName(key, known);
    return nearest === undefined
      ? `unknown key, expected one of ${formatNames(known)}`
      : `unknown key, ${HINT} "${nearest}"?`;
  }).join("\n");
}

function describeMismatch(input: unknown, expected: string): string {
  const quotes = expected === "string" && ["number", "boolean"].includes(typeof input);
  return `is ${describeKind(input)}, expected ${KINDS.get(expected) ?? expected}` +
    (quotes ? " (put it in quotes)" : "");
}

function formatNames(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).map((name) => `"${name}"`).join(", ");
  return names.length > NAMES_SHOWN_MAX ? `${shown}, …` : shown;
}

function unitOf(origin: string): string {
  return origin === "array" ? " in this list" : "";
}
