/**
 * The decision: an explicit deny beats an allow, an allow beats the default, which is to deny. All
 * of a request's needs must be allowed. Where a statement's resource or condition cannot be told,
 * because a policy variable has no value, a deny counts and an allow does not; AWS takes both for
 * not matching.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { Resource } from "../s3/addressing.ts";
import { selectFacts } from "./action_facts.ts";
import type { S3Action } from "./actions.ts";
import { allHold } from "./condition.ts";
import type { Policy, Statement } from "./policy.ts";
import type { RequestContext } from "./request_context.ts";
import { matchesResource, Subject } from "./resource_pattern.ts";
import type { Truth } from "./truth.ts";

/** One right a request needs; some need several, as a copy does. */
export interface Need {
  readonly action: S3Action;
  readonly resource: Resource;
}

/**
 * Why a request is denied: a statement says so, a statement that says so could not be evaluated, or
 * none allows it.
 */
export type DenialReason = "explicit_deny" | "evaluation_error" | "no_allow";

/** The answer, with the statements that made it. */
export type Decision =
  | {
    readonly allowed: true;
    readonly statementIds: readonly string[];
    /** Whether the object that is written must not be there yet. */
    readonly createOnly: boolean;
  }
  | {
    readonly allowed: false;
    readonly reason: DenialReason;
    readonly statementIds: readonly string[];
    /** The first need that is not met. */
    readonly need: Need;
  };

/**
 * Decides whether `policy`, and its boundary where there is one, allow all of `needs`, of which there is at least one.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session}.
 */
export function authorize(
  policy: Policy,
  question: { needs: readonly Need[]; context: RequestContext },
): Decision {
  const decision = authorizeAlone(policy, question);
  if (policy.boundary === undefined || !decision.allowed) return decision;
  const bounded = authorize(policy.boundary, question);
  if (!bounded.allowed) return bounded;
  return new Allowance(
    decision.createOnly || bounded.createOnly,
    () => [...decision.statementIds, ...bounded.statementIds],
  );
}

/**
 * A decision that allows. Its statements are found when somebody asks, for all of a thousand may have to be looked at. By a
 * class, because an accessor in a literal costs V8 a new kind of object each time, which holds the request until all memory
 * is swept (2.9.6).
 */
class Allowance {
  readonly allowed = true;
  readonly createOnly: boolean;
  readonly #findStatementIds: () => readonly string[];

  constructor(createOnly: boolean, findStatementIds: () => readonly string[]) {
    this.createOnly = createOnly;
    this.#findStatementIds = findStatementIds;
  }

  get statementIds(): readonly string[] {
    return this.#findStatementIds();
  }
}

function authorizeAlone(
  policy: Policy,
  { needs, context }: { needs: readonly Need[]; context: RequestContext },
): Decision {
  assert(needs.length > 0, "a request needs at least one action");
  let createOnly = false;
  for (const need of needs) {
    const verdict = decide(policy, { need, context });
    if (!verdict.allowed) {
      const { reason, statements } = verdict;
      return { allowed: false, reason, statementIds: listIds(statements), need };
    }
    createOnly ||= verdict.createOnly;
  }
  return new Allowance(
    createOnly,
    () => listIds(needs.flatMap((need) => findAllowing(policy, { need, context }))),
  );
}

/** What comes of one need. */
type Verdict =
  | { readonly allowed: true; readonly createOnly: boolean }
  | {
    readonly allowed: false;
    readonly reason: DenialReason;
    readonly statements: readonly Statement[];
  };

function decide(
  policy: Policy,
  { need, context }: { need: Need; context: RequestContext },
): Verdict {
  const subject = new Subject(need.resource, selectFacts(context, need.action));
  const denying: Statement[] = [];
  const failing: Statement[] = [];
  let allowed = false;
  let createOnly = true;
  for (const statements of policy.candidates(need.resource, need.action)) {
    for (const statement of statements) {
      // An Allow without a condition on the object's being new applies: only a deny can change the decision now.
      if (!createOnly && statement.effect === "Allow") continue;
      const truth = applies(statement, subject);
      if (truth === false) continue;
      if (statement.effect === "Deny") (truth === true ? denying : failing).push(statement);
      else if (truth === true) {
        allowed = true;
        createOnly = statement.createOnly;
      }
    }
  }
  if (denying.length > 0) return deny("explicit_deny", denying);
  if (failing.length > 0) return deny("evaluation_error", failing);
  return allowed ? { allowed, createOnly } : deny("no_allow", []);
}

function deny(reason: DenialReason, statements: readonly Statement[]): Verdict {
  return { allowed: false, reason, statements };
}

/** Every statement that allows `need`. INVARIANT: it is allowed. */
function findAllowing(
  policy: Policy,
  { need, context }: { need: Need; context: RequestContext },
): Statement[] {
  const subject = new Subject(need.resource, selectFacts(context, need.action));
  return policy.candidates(need.resource, need.action).flat().filter((statement) =>
    statement.effect === "Allow" && applies(statement, subject) === true
  );
}

function applies({ resources, conditions }: Statement, subject: Subject): Truth {
  const about = matchesResource(resources, subject);
  if (about === false) return false;
  const held = allHold(conditions, subject.context);
  return held === true ? about : held;
}

function listIds(statements: readonly Statement[]): string[] {
  return [...new Set(statements.map(({ id }) => id))];
}
