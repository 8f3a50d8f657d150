/**
 * `s3-proxy check`: who may do what where, as a table.
 * @module
 */

import type { Config, Role, User, UserKey } from "../config/config.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import { findKey } from "../explain/find_user.ts";
import { describeTrust, listRights } from "../explain/rights.ts";

/** One line of the table. */
type Row = readonly string[];

const HEADINGS: Row = ["USER", "BUCKETS", "KEYS", "RIGHTS", "RULE"];
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
  const rules = describeRules({ name: undefined, statements });
  return rules.length === 0
    ? [[title, "-", "-", "none", "-"]]
    : rules.map((rule) => [title, ...rule]);
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

function describeRules(who: Parameters<typeof listRights>[0]): Row[] {
  return listRights(who).map((
    { buckets, keys = "-", rights, rule },
  ) => [buckets, keys, rights.join(", "), rule]);
}

function formatTable(rows: readonly Row[]): string {
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0)
  );
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd()).join("\n");
}
