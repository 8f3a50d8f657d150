/**
 * `s3-proxy check`: who may do what where, as a table.
 * @module
 */

import type { Config, Role, User, UserKey } from "../config/config.ts";
import { ALL_ACTIONS, type S3Action } from "../iam/actions.ts";
import { formatPattern } from "../iam/pattern.ts";
import type { Statement } from "../iam/policy.ts";
import { describePattern } from "../iam/resource_pattern.ts";
import type { Trust } from "../identity/trust.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import { findKey } from "./find_user.ts";

/** One line of the table. */
type Row = readonly string[];

/** What a rule says of some buckets, or of some keys in them. */
interface Scope {
  readonly buckets: string;
  readonly keys: string | undefined;
  readonly rights: Set<string>;
}

const HEADINGS: Row = ["USER", "BUCKETS", "KEYS", "RIGHTS", "RULE"];
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

/** The table: one row for each user, rule and bucket; `now` tells whose keys are still valid. */
export function formatRights(config: Config, now: Date): string {
  const rows = config.users.flatMap((user) => {
    const name = describeUser(user, findKey(user, now));
    const rules = describeRules(user);
    return rules.length === 0
      ? [[name, "-", "-", "none", "-"]]
      : rules.map((rule) => [name, ...rule]);
  });
  return formatTable([HEADINGS, ...rows, ...config.roles.flatMap(describeRole)]);
}

/** A role that can be assumed, and who may assume it. */
function describeRole({ name, trust, maxSessionSeconds, statements }: Role): Row[] {
  if (trust.length === 0) return [];
  const whom = trust.map(describeTrust).join("; ");
  const title = `role ${name} (${whom}; up to ${maxSessionSeconds / 60} min)`;
  const rules = describeRules({ name: USER_VARIABLE, statements });
  return rules.length === 0
    ? [[title, "-", "-", "none", "-"]]
    : rules.map((rule) => [title, ...rule]);
}

function describeTrust(trust: Trust): string {
  if (trust.kind === "users") return `users ${trust.users.join(", ")}`;
  const { issuer, subjects, claims } = trust;
  const wanted = [
    ...(subjects === undefined ? [] : [`sub ${subjects.map(formatPattern).join(" or ")}`]),
    ...claims.map(({ name, patterns }) => `${name} ${patterns.map(formatPattern).join(" or ")}`),
  ];
  return `${issuer}: ${wanted.join(", ")}`;
}

/** Name, and in parentheses what bounds all rights: until when, and from where. */
function describeUser(
  { name, keys, expiresAt, sourceIps, limits }: User,
  key: UserKey | undefined,
): string {
  const [until] = [expiresAt, key?.expiresAt].filter((time) => time !== undefined)
    .toSorted((one, other) => one.getTime() - other.getTime());
  const bounds = [
    ...(key === undefined ? ["no valid key"] : until ? [`until ${formatTime(until)}`] : []),
    ...(keys.length > 1 ? keys.map(describeKey) : []),
    ...(sourceIps === undefined ? [] : [`from ${sourceIps.map(({ text }) => text).join(", ")}`]),
    ...describeLimits(limits),
  ];
  return bounds.length === 0 ? name : `${name} (${bounds.join(", ")})`;
}

/** One of a user's two keys: which it is, and until when it is valid. */
function describeKey({ accessKeyId, expiresAt }: UserKey): string {
  return `key ${accessKeyId}${expiresAt === undefined ? "" : ` until ${formatTime(expiresAt)}`}`;
}

/** The limits that were set; a user without any shares alike with the others. */
function describeLimits(
  { concurrentRequestsMax, requestsPerSecond, requestsBurst, bytesInPerSecond, bytesOutPerSecond }:
    UserLimits,
): string[] {
  const burst = requestsBurst === requestsPerSecond ? "" : `, ${requestsBurst} at once`;
  return [
    ...(concurrentRequestsMax === undefined ? [] : [`${concurrentRequestsMax} requests at a time`]),
    ...(requestsPerSecond === undefined ? [] : [`${requestsPerSecond} requests/s${burst}`]),
    ...(bytesInPerSecond === undefined ? [] : [`${bytesInPerSecond} bytes/s in`]),
    ...(bytesOutPerSecond === undefined ? [] : [`${bytesOutPerSecond} bytes/s out`]),
  ];
}

function formatTime(time: Date): string {
  return time.toISOString().replace(".000Z", "Z");
}

function describeRules({ name, statements }: Pick<User, "name" | "statements">): Row[] {
  return [...Map.groupBy(statements, ({ id }) => id)].flatMap(([id, rule]) =>
    describeScopes(rule).map(({ buckets, keys, rights }) => [
      buckets.replaceAll(USER_VARIABLE, name),
      keys?.replaceAll(USER_VARIABLE, name) ?? "-",
      [...rights].join(", "),
      id,
    ])
  );
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

function formatTable(rows: readonly Row[]): string {
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0)
  );
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd()).join("\n");
}
