/**
 * `allowed_buckets`, `grants`, `roles` and `policy`: all become IAM statements, once, when the file is read.
 * @module
 */

import type { Statement } from "../iam/policy.ts";
import { isStatementList, parsePolicyDocument } from "../iam/policy_document.ts";
import { findPolicyWarnings } from "../iam/policy_warnings.ts";
import { PolicyError } from "../iam/policy_error.ts";
import { compileAllowedBuckets, compileGrant, type GrantOptions } from "../iam/presets.ts";
import { nearestName } from "../lib/nearest_name.ts";
import type { KeyPath } from "./problem.ts";
import type { RoleRules, UserSettings } from "./settings.ts";

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

  /** The statements of the role `name`. */
  findStatements(name: string): readonly Statement[] {
    return this.#roles.get(name) ?? [];
  }

  /** The statements of the user at `path`. */
  compileUser(user: UserSettings, path: KeyPath): readonly Statement[] {
    return [
      ...this.#compile(
        [...path, "allowed_buckets"],
        (options) => compileAllowedBuckets(user.allowedBuckets, options),
      ),
      ...user.roles.flatMap((name, index) => this.#findRole(name, [...path, "roles", index])),
      ...this.#compileRole(user, path),
    ];
  }

  #compileRole({ grants, policy }: RoleRules, path: KeyPath): Statement[] {
    const statements = grants.flatMap((grant, index) =>
      this.#compile([...path, "grants", index], (options) => compileGrant(grant, options))
    );
    if (policy === undefined) return statements;
    const place = isStatementList(policy) ? ["policy"] : ["policy", "Statement"];
    const nameStatement = (index: number): string =>
      this.#nameStatement([...path, ...place, index]);
    const ofPolicy = this.#compile(
      [...path, "policy"],
      ({ relaxed }) => parsePolicyDocument(policy, { relaxed, nameStatement }),
    );
    for (const [index, statement] of ofPolicy.entries()) {
      for (const warning of findPolicyWarnings(statement)) {
        this.#warn([...path, ...place, index], warning);
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
