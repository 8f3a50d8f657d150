/**
 * `/api/me`: who has signed, and what it may do.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Identity } from "../iam/identity.ts";
import type { UserLimits } from "../lib/user_limits.ts";
import type { Question } from "./question.ts";
import { describeRights } from "./rights.ts";

/** What it answers. */
export function describeVisitor({ identity, isAdmin, config, now }: Question): unknown {
  const { name, session, accessKeyId, sourceIps, limits, username, policy } = identity;
  return {
    user: name,
    kind: session === undefined ? "user" : "session",
    role: session?.role,
    principal: session?.principal,
    access_key: accessKeyId,
    expires: findExpiry(identity, config)?.toISOString(),
    admin: isAdmin,
    source_ips: sourceIps?.map(({ text }) => text),
    limits: describeLimits(limits),
    rights: describeRights({ name: username, statements: policy.statements }, { inWords: true }),
    // Without it, a session that was given less would read that it may do all that its role may.
    no_more_than: policy.boundary && describeRights(
      { name: username, statements: policy.boundary.statements },
      { inWords: false },
    ),
    now: now.toISOString(),
  };
}

/** Of the user's key; of a session its token knows. */
function findExpiry({ username, accessKeyId }: Identity, { users }: Config): Date | undefined {
  const user = users.find(({ name }) => name === username);
  const key = user?.keys.find((key) => key.accessKeyId === accessKeyId);
  return [user?.expiresAt, key?.expiresAt].filter((time) => time !== undefined)
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}

/** As the file names them; what is not set is left out. */
export function describeLimits(limits: UserLimits): unknown {
  return {
    concurrent_requests: limits.concurrentRequestsMax,
    requests_per_second: limits.requestsPerSecond,
    requests_burst: limits.requestsBurst,
    bytes_in_per_second: limits.bytesInPerSecond,
    bytes_out_per_second: limits.bytesOutPerSecond,
  };
}
