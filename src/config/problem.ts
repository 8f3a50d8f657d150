/**
 * What is wrong with a configuration file: all of it at once, each with its place. No message holds
 * a value of the file, as a misplaced one may be a secret; line and column lead to it.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** Steps from the top of the file to a value: `["users", 0, "access_key"]`. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong, or unwise. */
export interface Problem {
  readonly path: KeyPath;
  /** What is wrong and what was expected. */
  readonly message: string;
  /** Whether the last step's name is what is wrong, not its value. */
  readonly atKey?: boolean;
  /** Whether the last step's name is like none that is known, and so may be a secret. */
  readonly hidesKey?: boolean;
}

/** A place in the file, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * A configuration that cannot be used. Its message has one line a problem and is meant for the
 * operator.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** `file:line:column: key.path: what is wrong, what was expected`, in the order of the file. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** Stands for a key that is not shown. */
export const UNKNOWN_KEY = "(key)";
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** A file's name, and where its values stand. */
export interface Source {
  readonly path: string;
  locate(at: Pick<Problem, "path" | "atKey">): Place;
  /** Whether the text at `path` ends at a `#` that may have been meant as a part of it: `abc #def`. */
  isCutByComment(path: KeyPath): boolean;
}

/**
 * The lines that tell `problems`, in the order of the file, at most
 * {@linkcode LIMITS.configProblemsShownMax}.
 */
export function formatProblems(problems: readonly Problem[], source: Source): string[] {
  const lines = problems.map((problem) => ({ problem, place: source.locate(problem) }))
    .toSorted((one, other) =>
      one.place.line - other.place.line || one.place.column - other.place.column
    )
    .map(({ problem: { path, message, hidesKey }, place: { line, column } }) => {
      const shown = hidesKey ? [...path.slice(0, -1), UNKNOWN_KEY] : path;
      const subject = path.length > 0 ? `${formatKeyPath(shown)}: ` : "";
      return `${source.path}:${line}:${column}: ${subject}${message}`;
    });
  const hidden = lines.length - LIMITS.configProblemsShownMax;
  if (hidden <= 0) return lines;
  return [...lines.slice(0, -hidden), `${source.path}: and ${hidden} more like these`];
}

/** A path as people write it: `users[0].access_key`. */
export function formatKeyPath(path: KeyPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? formatKey(step) : `.${formatKey(step)}`;
  }
  return text;
}

/** A key as it is, unless it may hold a value: without a space, `{secret_key:"…"}` is all key. */
function formatKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : UNKNOWN_KEY;
}
