/**
 * What a user may do: statements, in the one form that policies, presets and bucket lists are all
 * compiled into.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html}.
 * @module
 */

import type { Resource } from "../s3/addressing.ts";
import type { S3Action } from "./actions.ts";
import type { Condition } from "./condition.ts";
import type { ResourceSet } from "./resource_pattern.ts";

/** One rule. */
export interface Statement {
  /** Where it stands: `config.yaml:12:users[2].grants[0]`. Shown in logs and explanations. */
  readonly id: string;
  readonly effect: "Allow" | "Deny";
  /** `NotAction` has been turned around already. */
  readonly actions: ReadonlySet<S3Action>;
  readonly resources: ResourceSet;
  readonly conditions: readonly Condition[];
  /** Whether what it allows may only create objects that are not there yet. */
  readonly createOnly: boolean;
}

/**
 * All statements of a user, filed by the buckets they name, so that a request meets those of its
 * own bucket and those whose buckets are patterns, not all of a thousand.
 */
export class Policy {
  readonly statements: readonly Statement[];
  /** A second policy that has to allow a request, too: that of a session. */
  readonly boundary: Policy | undefined;
  readonly #byBucket = new Map<string, StatementFile>();
  readonly #anywhere = new StatementFile();

  constructor(statements: readonly Statement[], boundary?: Policy) {
    this.boundary = boundary;
    this.statements = Object.freeze([...statements]);
    for (const statement of this.statements) {
      const buckets = namedBuckets(statement);
      if (buckets === undefined) this.#anywhere.all.push(statement);
      else for (const bucket of buckets) this.#file(statement, bucket);
    }
  }

  /**
   * The statements that can be about `resource`, those that name its bucket and those that name
   * none, and about `action` where it is given.
   */
  candidates(resource: Resource, action?: S3Action): readonly (readonly Statement[])[] {
    const anywhere = this.#anywhere.about(action);
    if (resource.level === "service") return [anywhere];
    return [this.#byBucket.get(resource.bucket)?.about(action) ?? [], anywhere];
  }

  #file(statement: Statement, bucket: string): void {
    const file = this.#byBucket.get(bucket) ?? new StatementFile();
    this.#byBucket.set(bucket, file);
    file.all.push(statement);
  }
}

/** Statements, and those of them about an action, once somebody has asked for it. */
class StatementFile {
  readonly all: Statement[] = [];
  readonly #byAction = new Map<S3Action, readonly Statement[]>();

  about(action: S3Action | undefined): readonly Statement[] {
    if (action === undefined) return this.all;
    let statements = this.#byAction.get(action);
    if (statements === undefined) {
      statements = this.all.filter(({ actions }) => actions.has(action));
      this.#byAction.set(action, statements);
    }
    return statements;
  }
}

/** The buckets a statement is about, or `undefined` where they are not all spelled out. */
function namedBuckets({ resources }: Statement): ReadonlySet<string> | undefined {
  const buckets = new Set<string>();
  for (const pattern of resources.patterns) {
    if (resources.negated || pattern.kind === "path" || pattern.bucket.literal === undefined) {
      return undefined;
    }
    buckets.add(pattern.bucket.literal);
  }
  return buckets;
}
