/**
 * What can be asked of the console: one table.
 * @module
 */

import { ConsoleError } from "./console_error.ts";
import { describeConfiguration } from "./configuration.ts";
import { describeLive } from "./live.ts";
import { describeVisitor } from "./me.ts";
import type { Question } from "./question.ts";
import { describeRequests } from "./requests.ts";
import { describeUsers } from "./users.ts";
import { describeDecision } from "./why.ts";

/** One thing to ask for. */
interface Route {
  /** Names of the query. */
  readonly parameters: readonly string[];
  readonly isForAdmins: boolean;
  /** Whether the answer may go on: it says in `last` what `after` of the next one is. */
  readonly goesOn?: boolean;
  /** What becomes the JSON. */
  readonly answer: (question: Question) => unknown;
}

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/api/me", { parameters: [], isForAdmins: false, answer: describeVisitor }],
  ["/api/why", {
    parameters: ["id", "method", "path", "user"],
    isForAdmins: false,
    answer: describeDecision,
  }],
  ["/api/requests", {
    parameters: ["after", "user", "bucket", "code", "operation", "denied", "limit"],
    isForAdmins: false,
    goesOn: true,
    answer: describeRequests,
  }],
  ["/api/live", { parameters: ["after"], isForAdmins: true, goesOn: true, answer: describeLive }],
  ["/api/users", { parameters: ["from", "q"], isForAdmins: true, answer: describeUsers }],
  ["/api/configuration", { parameters: [], isForAdmins: true, answer: describeConfiguration }],
]);

/** May be given to any, and says nothing: it makes the signatures of equal requests differ. */
const NONCE = "n";
/** Asks for an answer that goes on. */
const FOLLOW = "follow";

/** Whether `parameters` ask for an answer that goes on. @throws {ConsoleError} `bad_request` where it is said in another way. */
export function wantsStream(parameters: ReadonlyMap<string, string>): boolean {
  const wanted = parameters.get(FOLLOW);
  if (wanted === undefined || wanted === "1") return wanted !== undefined;
  throw new ConsoleError("bad_request", { message: "follow is 1 or not there." });
}

/** The parameters for what comes after `answer`. */
export function continueAfter(
  parameters: ReadonlyMap<string, string>,
  answer: unknown,
): ReadonlyMap<string, string> {
  const isObject = typeof answer === "object" && answer !== null;
  const last = isObject && "last" in answer ? answer.last : undefined;
  return typeof last === "string" ? new Map(parameters).set("after", last) : parameters;
}

/**
 * Answers a question.
 * @throws {ConsoleError} `not_found`, `not_admin`, `bad_request`, and those of the routes.
 */
export async function answerQuestion(path: string, question: Question): Promise<unknown> {
  const route = ROUTES.get(path);
  if (route === undefined) {
    throw new ConsoleError("not_found", { message: "There is no such page." });
  }
  if (route.isForAdmins && !question.isAdmin) {
    throw new ConsoleError("not_admin", { message: "This is for administrators of the console." });
  }
  for (const name of question.parameters.keys()) {
    if (name === NONCE || route.parameters.includes(name)) continue;
    if (name === FOLLOW && route.goesOn === true) continue;
    throw new ConsoleError("bad_request", { message: "A parameter is not known here." });
  }
  return await route.answer(question);
}
