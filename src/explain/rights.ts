/**
 * What rules allow, in words: of users and of roles.
 * @module
 */

import { ALL_ACTIONS, type S3Action } from "../iam/actions.ts";
import { formatPattern } from "../iam/pattern.ts";
import type { Statement } from "../iam/policy.ts";
import { LISTING_UPLOADS, LOCATION, READING, UPLOADS } from "../iam/presets.ts";
import { describePattern } from "../iam/resource_pattern.ts";
import type { Trust } from "../identity/trust.ts";

/** What a rule says of some buckets, or of some keys in them. */
interface Scope {
  readonly buckets: string;
  readonly keys: string | undefined;
  readonly rights: Set<string>;
}

/** A right, the action that stands for it, and those that everybody means by it, too. */
const RIGHTS: readonly (readonly [right: string, action: S3Action, ...meant: S3Action[]])[] = [
  ["list", "s3:ListBucket", ...LISTING_UPLOADS],
  ["read", "s3:GetObject", ...READING],
  ["write", "s3:PutObject", "s3:PutObjectTagging"],
  ["delete", "s3:DeleteObject", "s3:DeleteObjectTagging"],
];
/** They say nothing of what a bucket holds, or are part of reading and writing it. */
const INCIDENTAL: readonly S3Action[] = [...UPLOADS, ...LOCATION];
const ACTIONS_SHOWN_MAX = 3;
/** What statements of a policy are called, and not those of a grant: that of a session, too. */
const OF_POLICY = /\.policy\.|^session policy:/;
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
    for (const { buckets, keys } of describeResources(statement)) {
      let scope = scopes.find((scope) => scope.buckets === buckets && scope.keys === keys);
      if (scope === undefined) scopes.push(scope = { buckets, keys, rights: new Set() });
      for (const right of nameRights(statement)) scope.rights.add(right);
    }
  }
  return mergeBucketRights(scopes.filter(({ rights }) => rights.size > 0));
}

/** What a statement is about; all but several patterns is one thing, and never a key in all but a bucket. */
function describeResources(
  { resources: { negated, patterns } }: Statement,
): readonly ReturnType<typeof describePattern>[] {
  const described = patterns.map(describePattern);
  if (!negated) return described;
  const names = described.map(({ buckets, keys }) =>
    keys === undefined ? buckets : `${buckets}/${keys}`
  );
  return [{ buckets: `all but ${names.join(" and ")}`, keys: "*" }];
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
  const isPolicy = OF_POLICY.test(id);
  const prefix = effect === "Deny" ? "deny " : "";
  // A preset's own conditions are its prefixes, which are shown as keys.
  const suffix = conditions.length > 0 && isPolicy ? " (on a condition)" : "";
  const name = (right: string): string => prefix + right + suffix;
  if (actions.size === ALL_ACTIONS.size) return [name("full")];
  const had = RIGHTS.filter(([, action]) => actions.has(action));
  const names = had.map(([right]) => name(right === "write" && createOnly ? "create" : right));
  // Whoever reads that somebody may read is not to miss that he may set the bucket's policy.
  const others = actions.difference(new Set(had.flatMap(([, ...meant]) => meant)));
  const told = names.length === 0 && isPolicy ? others : others.difference(new Set(INCIDENTAL));
  return told.size === 0 ? names : [...names, name(listActions(told))];
}

function listActions(actions: ReadonlySet<S3Action>): string {
  const shown = [...actions].slice(0, ACTIONS_SHOWN_MAX);
  const hidden = actions.size - shown.length;
  return shown.join(", ") + (hidden > 0 ? ` and ${hidden} more` : "");
}
