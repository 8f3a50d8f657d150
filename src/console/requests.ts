/**
 * `/api/requests`: the last requests, one by one, as the log has them: never a query, which may be a presigned URL's.
 * @module
 */

import type { Identity } from "../iam/identity.ts";
import { LIMITS } from "../limits.ts";
import type { LoggedRequest } from "./activity_log.ts";
import { ConsoleError } from "./console_error.ts";
import { type Question, readCount } from "./question.ts";

const SEQUENCE = /^\d{1,15}$/;
const FILTERS = ["user", "bucket", "code", "operation"] as const;
/** Fields of the log by the name that they have here. */
const MILLISECONDS = { duration: "duration_ms", backend_latency: "backend_ms" } as const;

/** What it answers. */
export function describeRequests(question: Question): unknown {
  const { activity, parameters } = question;
  const limit = readCount(question, {
    name: "limit",
    max: LIMITS.consoleRequestsShownMax,
    fallback: LIMITS.consoleRequestsShownDefault,
  });
  const after = parameters.get("after") ?? "0";
  if (!SEQUENCE.test(after)) {
    throw new ConsoleError("bad_request", { message: "after is not what last was." });
  }
  const { requests } = activity;
  const found = requests.filter((request) =>
    request.sequence > Number(after) && mayShow(request, question) && fits(request, parameters)
  );
  return {
    last: String(requests.at(-1)?.sequence ?? after),
    missed: question.isAdmin ? activity.unrecorded : undefined,
    requests: found.slice(-limit).map(describeRequest),
  };
}

/** Administrators see everybody's, others their own. */
export function mayShow(
  { fields }: LoggedRequest,
  { isAdmin, identity }: { isAdmin: boolean; identity: Identity },
): boolean {
  return isAdmin ||
    fields.user === identity.name && fields.principal === identity.session?.principal;
}

/** As JSON has it. */
export function describeRequest(
  { sequence, atMs, fields }: LoggedRequest,
): Record<string, unknown> {
  const described: Record<string, unknown> = {
    seq: String(sequence),
    time: new Date(atMs).toISOString(),
  };
  for (const [name, value] of Object.entries(fields)) {
    if (name === "duration" || name === "backend_latency") {
      described[MILLISECONDS[name]] = typeof value === "number" ? value * 1000 : undefined;
    } else described[name] = value;
  }
  return described;
}

function fits({ fields }: LoggedRequest, parameters: ReadonlyMap<string, string>): boolean {
  const isDenied = parameters.get("denied") !== "1" || fields.decision === "deny";
  return isDenied && FILTERS.every((name) => {
    const wanted = parameters.get(name);
    return wanted === undefined || fields[name] === wanted;
  });
}
