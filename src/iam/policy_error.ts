/**
 * What is wrong with a policy, and where: all of it at once, so that an operator corrects a file in
 * one go.
 * @module
 */

/** Steps from the top of a document to one of its values: `["Statement", 0, "Action"]`. */
export type PolicyPath = readonly (string | number)[];

/** One thing that is wrong. */
export interface PolicyProblem {
  readonly path: PolicyPath;
  readonly message: string;
}

/** A policy, a grant or a bucket list that cannot be loaded. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** A place in a document that is being parsed; problems found there are reported to it. */
export class PolicyPlace {
  readonly path: PolicyPath;
  readonly #problems: PolicyProblem[];

  /**
   * The top of a document; every place beneath it, see {@linkcode at}, adds to the same `problems`.
   */
  constructor(problems: PolicyProblem[], path: PolicyPath = []) {
    this.#problems = problems;
    this.path = path;
  }

  /** The place of a member or an element. */
  at(step: string | number): PolicyPlace {
    return new PolicyPlace(this.#problems, [...this.path, step]);
  }

  /** Notes that something is wrong here. */
  report(message: string): void {
    this.#problems.push({ path: this.path, message });
  }
}

/** Stands for a name that is not shown. */
const UNKNOWN_NAME = "(key)";

/**
 * Reports a name that a member of `place` cannot have. It is shown where it is nearly one that is known: what is like none
 * may be a secret in the wrong place.
 */
export function reportUnknownName(
  name: string,
  { what, nearest, place }: { what: string; nearest: string | undefined; place: PolicyPlace },
): void {
  if (nearest === undefined) place.at(UNKNOWN_NAME).report(`Unknown ${what}`);
  else place.at(name).report(`Unknown ${what} "${name}"; did you mean "${nearest}"?`);
}

/**
 * Runs `parse` from the top of a document.
 * @throws {PolicyError} When it reported any problem.
 */
export function parseFromTop<Value>(parse: (top: PolicyPlace) => Value): Value {
  const problems: PolicyProblem[] = [];
  const value = parse(new PolicyPlace(problems));
  if (problems.length > 0) throw new PolicyError(problems);
  return value;
}

/** A path as people write it: `Statement[0].Condition.StringLike`. */
export function formatPolicyPath(path: PolicyPath): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("")
    .replace(/^\./, "");
}

function formatProblem({ path, message }: PolicyProblem): string {
  return path.length === 0 ? message : `${formatPolicyPath(path)}: ${message}`;
}
