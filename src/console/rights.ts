/**
 * What somebody may do, for people: the rows that `s3-proxy check` prints, and a sentence of each.
 * @module
 */

import { listRights, type Right } from "../explain/rights.ts";
import type { Statement } from "../iam/policy.ts";

/** The rows of a user called `name`, or of a role. */
export function describeRights(
  who: { name: string | undefined; statements: readonly Statement[] },
  { inWords }: { inWords: boolean },
): unknown[] {
  return listRights(who).map((right) => ({
    ...right,
    ...(inWords ? { text: formatRight(right) } : {}),
  }));
}

const VERBS: Readonly<Record<string, string>> = {
  full: "do everything",
  list: "list",
  read: "read",
  write: "write",
  create: "create objects that are not there yet",
  delete: "delete",
};

/** `You may list and read below logs/ in ci-*.` */
export function formatRight({ buckets, keys, rights }: Right): string {
  const isDenied = rights.some((right) => right.startsWith("deny "));
  const verbs = rights.map((right) => {
    const plain = right.replace(/^deny /, "");
    return VERBS[plain] ?? plain;
  });
  const what = verbs.length < 2
    ? verbs.join("")
    : `${verbs.slice(0, -1).join(", ")} and ${verbs.at(-1)}`;
  const there = buckets === "*" ? "every bucket" : buckets;
  const where = keys === undefined || keys === "*" ? `in ${there}` : `at ${keys} in ${there}`;
  return `You may ${isDenied ? "never " : ""}${what} ${where}.`;
}
