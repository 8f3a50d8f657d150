/**
 * `/api/users`: who there is, with which keys, and what they may do. No secret is in it.
 * @module
 */

import type { Role, User, UserKey } from "../config/config.ts";
import { describeTrust } from "../explain/rights.ts";
import { LIMITS } from "../limits.ts";
import type { ActivityLog } from "./activity_log.ts";
import { ConsoleError } from "./console_error.ts";
import { describeLimits } from "./me.ts";
import type { Question } from "./question.ts";
import { describeRights } from "./rights.ts";

const UNSEEN_MS = 90 * 24 * 3_600_000;

/** What it answers: a page of users, and, with the first, the roles. */
export function describeUsers(question: Question): unknown {
  const { config, parameters, now, readProgram } = question;
  const text = parameters.get("from") ?? "0";
  if (!/^\d{1,6}$/.test(text)) {
    throw new ConsoleError("bad_request", { message: "from is not what next was." });
  }
  const from = Number(text);
  const wanted = parameters.get("q")?.toLowerCase() ?? "";
  const users = wanted === "" ? config.users : config.users.filter((user) => fits(user, wanted));
  const { startedAt } = readProgram();
  const next = from + LIMITS.consoleUsersShownMax;
  return {
    since: startedAt.toISOString(),
    users: users.slice(from, next).map((user) => describeUser(user, { question, startedAt })),
    roles: from === 0 ? config.roles.map(describeRole) : undefined,
    next: next < users.length ? String(next) : undefined,
    total: users.length,
    now: now.toISOString(),
  };
}

function fits({ name, keys }: User, wanted: string): boolean {
  return name.toLowerCase().includes(wanted) ||
    keys.some(({ accessKeyId }) => accessKeyId.toLowerCase().includes(wanted));
}

function describeUser(
  user: User,
  { question: { activity, now }, startedAt }: { question: Question; startedAt: Date },
): unknown {
  const { name, enabled, keys, expiresAt, sourceIps, limits, statements } = user;
  const uses = keys.map(({ accessKeyId }) => activity.lastUseMs(accessKeyId) ?? 0);
  const lastSeenMs = Math.max(0, ...uses);
  return {
    name,
    enabled,
    keys: keys.map((key) => describeKey(key, activity)),
    expires: expiresAt?.toISOString(),
    source_ips: sourceIps?.map(({ text }) => text),
    limits: describeLimits(limits),
    last_seen: formatMs(lastSeenMs),
    unseen_90_days: now.getTime() - Math.max(lastSeenMs, startedAt.getTime()) > UNSEEN_MS,
    rights: describeRights({ name, statements }, { inWords: false }),
  };
}

function describeKey({ accessKeyId, expiresAt }: UserKey, activity: ActivityLog): unknown {
  return {
    id: accessKeyId,
    expires: expiresAt?.toISOString(),
    last_used: formatMs(activity.lastUseMs(accessKeyId) ?? 0),
  };
}

function describeRole({ name, trust, maxSessionSeconds, statements, limits }: Role): unknown {
  return {
    name,
    trust: trust.map(describeTrust),
    max_session_seconds: maxSessionSeconds,
    limits: describeLimits(limits),
    rights: describeRights({ name: undefined, statements }, { inWords: false }),
  };
}

function formatMs(ms: number): string | undefined {
  return ms === 0 ? undefined : new Date(ms).toISOString();
}
