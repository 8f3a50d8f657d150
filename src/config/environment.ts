/**
 * `${NAME}` in the configuration's texts, taken from the environment. `$${` is a plain `${`.
 * Variables of policies (`${user}`, `${aws:username}`) are never names of the environment, which
 * are upper case.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { KeyPath, Problem } from "./problem.ts";

/** Reads one variable. */
export type Environment = (name: string) => string | undefined;

/** Data in which every text is expanded, and what could not be. */
export interface Expanded {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** A message in which each value that may be a secret is `${NAME}` again. */
  readonly hideValues: (message: string) => string;
}

const ESCAPE_OR_REFERENCE = /\$\$\{|\$\{([^{}]*)\}/g;
const NAME = /^[A-Z_][A-Z0-9_]*$/;
const NO_NAME =
  "holds ${…} that is no name of an environment variable (expected capitals, digits " +
  "and _); write $${ for a plain ${";
/** Keys beneath which a policy's own variables may stand. */
const VARIABLE_KEYS: ReadonlySet<string | number> = new Set([
  "allowed_buckets",
  "grants",
  "policy",
  "roles",
]);

/**
 * A copy of YAML `data` with every text expanded. It is a tree: an alias inside its own anchor is a
 * problem.
 */
export function expandEnvironment(data: unknown, environment: Environment): Expanded {
  const problems: Problem[] = [];
  const ancestors: object[] = [];
  const names = new Map<string, string>();
  // The longest first: another value may be the beginning of it.
  const hideValues = (message: string): string =>
    [...names].toSorted(([one], [other]) => other.length - one.length).reduce(
      (text, [value, name]) => text.replaceAll(value, () => `\${${name}}`),
      message,
    );
  return { data: expand(data, []), problems, hideValues };

  function expand(value: unknown, path: KeyPath): unknown {
    if (typeof value === "string") return expandText(value, path);
    if (typeof value !== "object" || value === null) return value;
    if (ancestors.length === LIMITS.configDepthMax || ancestors.includes(value)) {
      problems.push({ path, message: "is nested too deeply, or an alias of what it stands in" });
      return undefined;
    }
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
      problems.push({ path, message: "has a tag (!!) that no setting has" });
      return undefined;
    }
    ancestors.push(value);
    const copy = Array.isArray(value)
      ? value.map((item, index) => expand(item, [...path, index]))
      : Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, expand(item, [...path, key])]),
      );
    ancestors.pop();
    return copy;
  }

  function expandText(text: string, path: KeyPath): string {
    if (!text.includes("${")) return text;
    return text.replace(ESCAPE_OR_REFERENCE, (match: string, name: string | undefined) => {
      if (name === undefined) return "${";
      if (!NAME.test(name)) {
        if (!path.some((step) => VARIABLE_KEYS.has(step))) {
          problems.push({ path, message: NO_NAME });
        }
        return match;
      }
      const value = environment(name);
      if (value === undefined) {
        problems.push({ path, message: `environment variable "${name}" is not set` });
      }
      // What is shorter is no secret, and may be a part of any word.
      if (value !== undefined && value.length >= LIMITS.secretCharactersMin) names.set(value, name);
      return value ?? match;
    });
  }
}
