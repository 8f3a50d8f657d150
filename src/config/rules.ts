/**
 * `allowed_buckets`, `grants`, `roles` and `policy`: all become IAM statements, once, when the file is read.
 * @module
 */

import { z } from "zod";
import type { Statement } from "../iam/policy.ts";
import { parsePolicyDocument } from "../iam/policy_document.ts";
import { findPolicyWarnings } from "../iam/policy_warnings.ts";
import { PolicyError } from "../iam/policy_error.ts";
import {
  ACCESS_NAMES,
  compileAllowedBuckets,
  compileGrant,
  type Grant,
  type GrantOptions,
} from "../iam/presets.ts";
import { nearestName } from "../lib/nearest_name.ts";
import type { BucketNameRules } from "../s3/names.ts";
import { type BucketPattern, parseBucketPattern } from "./bucket_pattern.ts";
import { section, text } from "./fields.ts";
import type { KeyPath } from "./problem.ts";

/** What a role allows, as the file says it. */
export interface RoleRules {
  readonly grants: readonly Grant[];
  readonly policy?: unknown;
}

/** What a user may do, as the file says it. */
export interface UserRules extends RoleRules {
  readonly allowed_buckets: readonly BucketPattern[];
  /** Names of roles. */
  readonly roles: readonly string[];
}

const GRANT = section({
  access: z.enum(ACCESS_NAMES),
  buckets: z.array(z.string()).min(1),
  prefixes: z.array(z.string()).min(1).optional(),
  deletable_prefixes: z.array(z.string()).min(1).optional(),
});

const ROLE_SHAPE = {
  grants: z.array(GRANT).default([]),
  policy: z.unknown().optional(),
};

/** `roles`: rules that users share, by name. */
export const ROLES_SCHEMA: z.ZodType<Record<string, RoleRules>> = z.record(
  z.string(),
  section(ROLE_SHAPE),
);

/** The keys of a user that say what it may do. */
export function createRulesShape(
  bucketNames: BucketNameRules,
): typeof ROLE_SHAPE & {
  allowed_buckets: z.ZodType<BucketPattern[]>;
  roles: z.ZodType<string[]>;
} {
  return {
    ...ROLE_SHAPE,
    allowed_buckets: z.array(text((value) => parseBucketPattern(value, bucketNames))).default([]),
    roles: z.array(z.string()).default([]),
  };
}

/** The id of the statement, or of the grant, at `path`. */
export type NameStatement = (path: KeyPath) => string;

/** Where what is wrong with a rule, or unwise, is told. */
export type Report = (path: KeyPath, message: string) => void;

/** Turns rules into statements; what is wrong with them goes to `report`. */
export class RuleCompiler {
  readonly #relaxed: boolean;
  readonly #nameStatement: NameStatement;
  readonly #report: Report;
  readonly #warn: Report;
  readonly #roles = new Map<string, readonly Statement[]>();

  constructor(
    roles: Readonly<Record<string, RoleRules>>,
    { relaxed, nameStatement, report, warn }: {
      relaxed: boolean;
      nameStatement: NameStatement;
      report: Report;
      warn: Report;
    },
  ) {
    this.#relaxed = relaxed;
    this.#nameStatement = nameStatement;
    this.#report = report;
    this.#warn = warn;
    for (const [name, rules] of Object.entries(roles)) {
      this.#roles.set(name, this.#compileRole(rules, ["roles", name]));
    }
  }

  /** The statements of the user at `path`. */
  compileUser(rules: UserRules, path: KeyPath): readonly Statement[] {
    return [
      ...this.#compile(
        [...path, "allowed_buckets"],
        (options) => compileAllowedBuckets(rules.allowed_buckets, options),
      ),
      ...rules.roles.flatMap((name, index) => this.#findRole(name, [...path, "roles", index])),
      ...this.#compileRole(rules, path),
    ];
  }

  #compileRole({ grants, policy }: RoleRules, path: KeyPath): Statement[] {
    const statements = grants.flatMap((grant, index) =>
      this.#compile([...path, "grants", index], (options) => compileGrant(grant, options))
    );
    if (policy === undefined) return statements;
    const nameStatement = (index: number): string =>
      this.#nameStatement([...path, "policy", "Statement", index]);
    const ofPolicy = this.#compile(
      [...path, "policy"],
      ({ relaxed }) => parsePolicyDocument(policy, { relaxed, nameStatement }),
    );
    for (const [index, statement] of ofPolicy.entries()) {
      for (const warning of findPolicyWarnings(statement)) {
        this.#warn([...path, "policy", "Statement", index], warning);
      }
    }
    return [...statements, ...ofPolicy];
  }

  #findRole(name: string, path: KeyPath): readonly Statement[] {
    const statements = this.#roles.get(name);
    if (statements !== undefined) return statements;
    const nearest = nearestName(name, this.#roles.keys());
    this.#report(
      path,
      nearest === undefined ? "no such role" : `no such role, did you mean ${nearest}?`,
    );
    return [];
  }

  #compile(
    path: KeyPath,
    compile: (options: GrantOptions) => Statement[],
  ): Statement[] {
    try {
      return compile({ id: this.#nameStatement(path), relaxed: this.#relaxed });
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      for (const problem of error.problems) {
        this.#report([...path, ...problem.path], problem.message);
      }
      return [];
    }
  }
}
