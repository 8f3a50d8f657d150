/**
 * `/api/why`: what came of a request, or would come of one, and which rule says so. The answer is that of `s3-proxy explain`, by
 * the rules as they are now.
 * @module
 */

import { explain, type Explanation } from "../explain/explain.ts";
import { UsageError } from "../explain/usage_error.ts";
import type { LoggedRequest } from "./activity_log.ts";
import { ConsoleError } from "./console_error.ts";
import type { Question } from "./question.ts";
import { describeRequest, mayShow } from "./requests.ts";

type Who = Parameters<typeof explain>[1]["question"]["who"];

/** A request that somebody wonders about. */
interface Wondered {
  readonly who: Who | undefined;
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly clientAddress: string;
}

const REQUEST_ID = /^[0-9A-Fa-f]{16}$/;
/** Of a request by its id: else it would be explained as another. */
const NOT_KEPT =
  "What the rules say now cannot be told: of its parameters, headers and host nothing is kept.";
const METHOD = /^[A-Z]{3,7}$/;

/** What it answers. */
export function describeDecision(question: Question): unknown {
  const { parameters } = question;
  const id = parameters.get("id");
  if (id === undefined) return answer(readWondered(question), { question });
  if (parameters.size > (parameters.has("n") ? 2 : 1)) {
    throw new ConsoleError("bad_request", { message: "An id stands alone." });
  }
  const request = findRequest(id, question);
  return {
    request: describeRequest(request),
    ...answer(describeRecorded(request, question), { question, recorded: request }),
  };
}

/**
 * Those of others are not there for who may not see them.
 * @throws {ConsoleError} `not_found`.
 */
function findRequest(id: string, question: Question): LoggedRequest {
  const wanted = id.toUpperCase();
  const found = REQUEST_ID.test(id)
    ? question.activity.requests.findLast(({ fields }) => fields.request_id === wanted)
    : undefined;
  if (found !== undefined && mayShow(found, question)) return found;
  throw new ConsoleError("not_found", {
    message: "No request of this id is remembered, or it is not yours.",
  });
}

function describeRecorded({ fields }: LoggedRequest, { config, identity }: Question): Wondered {
  const { user, method, path, client_ip } = fields;
  const name = user === undefined ? "nobody" : String(user);
  const isOwn = user === identity.name && fields.principal === identity.session?.principal;
  const who: Who | undefined = isOwn
    ? { kind: "identity", identity }
    : config.users.some(({ name }) => name === user)
    ? { kind: "user", name }
    : undefined; // of a session, whose claims are not kept
  return {
    who,
    name,
    method: String(method),
    target: String(path),
    clientAddress: String(client_ip),
  };
}

function readWondered(question: Question): Wondered {
  const { parameters, identity, isAdmin, clientAddress } = question;
  const method = parameters.get("method")?.toUpperCase() ?? "GET";
  const target = parameters.get("path") ?? "";
  if (!METHOD.test(method) || !target.startsWith("/")) {
    throw new ConsoleError("bad_request", {
      message: "Expected an id, or a method and a path like /bucket/key.",
    });
  }
  const name = parameters.get("user") ?? identity.name;
  if (name === identity.name) {
    return { who: { kind: "identity", identity }, name, method, target, clientAddress };
  }
  if (!isAdmin) {
    throw new ConsoleError("not_yours", { message: "Only administrators ask for others." });
  }
  return { who: { kind: "user", name }, name, method, target, clientAddress };
}

function answer(
  { who, name, ...asked }: Wondered,
  { question: { config, now }, recorded }: { question: Question; recorded?: LoggedRequest },
): Record<string, unknown> {
  if (who === undefined) return { sentences: describeOutcome(name, recorded) };
  if (recorded?.isWhole === false) {
    return { sentences: [...describeOutcome(name, recorded), NOT_KEPT] };
  }
  try {
    const explanation = explain(config, {
      question: { ...asked, who, headers: new Map(), scheme: "auto" },
      now,
    });
    if (recorded !== undefined && explanation.operation !== recorded.fields.operation) {
      return { sentences: [...describeOutcome(name, recorded), NOT_KEPT] };
    }
    return {
      ...explanation,
      sentences: [...describeOutcome(name, recorded), ...describeRules(name, explanation)],
    };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    if (recorded !== undefined) return { sentences: describeOutcome(name, recorded) };
    throw new ConsoleError("bad_request", { message: `${error.message}.`, cause: error });
  }
}

/** What did come of it, as it was recorded. */
function describeOutcome(name: string, request: LoggedRequest | undefined): string[] {
  if (request === undefined) return [];
  const { operation, method, status, code, decision, action, resource, statement, reason } =
    request.fields;
  const what = operation ?? method;
  const sentences = [
    `${name} asked for ${what}, and was answered ${status}${code === undefined ? "" : ` ${code}`}.`,
  ];
  if (decision !== "deny") {
    if (reason !== undefined) sentences.push(`The reason was: ${reason}.`);
    return sentences;
  }
  sentences.push(
    action === undefined
      ? "It was denied."
      : `It was denied: ${action} on ${resource} was missing.`,
  );
  if (statement !== undefined) sentences.push(`The rule that denied it: ${statement}.`);
  return sentences;
}

/** What the rules say now. */
function describeRules(
  name: string,
  { allowed, decision, missing, statements }: Explanation,
): string[] {
  if (allowed) return [`By the rules as they are now, ${name} is ${decision}.`];
  if (missing === undefined) return [`By the rules as they are now, it is ${decision}.`];
  const { action, resource } = missing;
  const [rule] = statements;
  return [
    rule === undefined
      ? `By the rules as they are now, none of ${name} allows ${action} on ${resource}.`
      : `By the rules as they are now, ${rule} denies ${name} ${action} on ${resource}.`,
  ];
}
