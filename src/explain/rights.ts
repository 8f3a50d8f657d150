/**
 * What rules allow, in words: of users and of roles.
 * @module
 */

import { ALL_ACTIONS, type S3Action } from "../iam/actions.ts";
import { formatPattern } from "../iam/pattern.ts";
import type { Statement } from "../iam/policy.ts";
import { describePattern } from "../iam/resource_pattern.ts";
import type { Trust } from "../identity/trust.ts";

/** What a rule says of some buckets, or of some keys in them. */
interface Scope {
  readonly buckets: string;
  readonly keys: string | undefined;
  readonly rights: Set<string>;
}

/** A right, and the action that stands for it. */
const RIGHTS: readonly (readonly [right: string, action: S3Action])[] = [
  ["list", "s3:ListBucket"],
  ["read", "s3:GetObject"],
  ["write", "s3:PutObject"],
  ["delete", "s3:DeleteObject"],
];
const ACTIONS_SHOWN_MAX = 3;
/** What `${user}` of a grant has become; the user of a row is known. */
const USER_VARIABLE = "${aws:username}";

/** What one rule allows or denies in some buckets. */
export interface Right {
  readonly buckets: string;
  /** `undefined`: it is about buckets only. */
  readonly keys: string | undefined;
  /** `list`, `read`, `write` …, `full`, or names of actions. */
  readonly rights: readonly string[];
  /** Where it stands. */
  readonly rule: string;
}

/** What rules say: of the user called `name`, or of whoever has them. */
export function listRights(
  { name, statements }: {
    readonly name: string | undefined;
    readonly statements: readonly Statement[];
  },
): Right[] {
  const put = (text: string): string =>
    name === undefined ? text : text.replaceAll(USER_VARIABLE, name);
  return [...Map.groupBy(statements, ({ id }) => id)].flatMap(([rule, ofRule]) =>
    describeScopes(ofRule).map(({ buckets, keys, rights }) => ({
      buckets: put(buckets),
      keys: keys === undefined ? undefined : put(keys),
      rights: [...rights],
      rule,
    }))
  );
}

/** Who may have a role, in words. */
export function describeTrust(trust: Trust): string {
  if (trust.kind === "users") return `users ${trust.users.join(", ")}`;
  const { issuer, subjects, claims } = trust;
  const wanted = [
    ...(subjects === undefined ? [] : [`sub ${subjects.map(formatPattern).join(" or ")}`]),
    ...claims.map(({ name, patterns }) => `${name} ${patterns.map(formatPattern).join(" or ")}`),
  ];
  return `${issuer}: ${wanted.join(", ")}`;
}

/** What the statements of one rule say; rights on a bucket itself stand beside those on its keys. */
function describeScopes(rule: readonly Statement[]): Scope[] {
  const scopes: Scope[] = [];
  for (const statement of rule) {
    const { negated, patterns } = statement.resources;
    for (const pattern of patterns) {
      const { buckets, keys } = describePattern(pattern);
      const name = negated ? `all but ${buckets}` : buckets;
      let scope = scopes.find((scope) => scope.buckets === name && scope.keys === keys);
      if (scope === undefined) scopes.push(scope = { buckets: name, keys, rights: new Set() });
      for (const right of nameRights(statement)) scope.rights.add(right);
    }
  }
  return mergeBucketRights(scopes.filter(({ rights }) => rights.size > 0));
}

function mergeBucketRights(scopes: readonly Scope[]): Scope[] {
  const hasKeys = (buckets: string): boolean =>
    scopes.some((scope) => scope.buckets === buckets && scope.keys !== undefined);
  return scopes
    .filter(({ buckets, keys }) => keys !== undefined || !hasKeys(buckets))
    .map(({ buckets, keys, rights }) => {
      const ofBucket = scopes.filter((scope) =>
        scope.buckets === buckets && scope.keys === undefined
      )
        .flatMap((scope) => [...scope.rights]);
      return { buckets, keys, rights: new Set([...ofBucket, ...rights]) };
    });
}

function nameRights({ effect, actions, createOnly, conditions, id }: Statement): string[] {
  const names = actions.size === ALL_ACTIONS.size
    ? ["full"]
    : RIGHTS.filter(([, action]) => actions.has(action))
      .map(([right]) => right === "write" && createOnly ? "create" : right);
  if (names.length === 0 && id.includes(".policy.")) names.push(listActions(actions));
  const prefix = effect === "Deny" ? "deny " : "";
  // A preset's own conditions are its prefixes, which are shown as keys.
  const suffix = conditions.length > 0 && id.includes(".policy.") ? " (on a condition)" : "";
  return names.map((name) => prefix + name + suffix);
}

function listActions(actions: ReadonlySet<S3Action>): string {
  const shown = [...actions].slice(0, ACTIONS_SHOWN_MAX);
  const hidden = actions.size - shown.length;
  return shown.join(", ") + (hidden > 0 ? ` and ${hidden} more` : "");
}
