/**
 * Reads IAM policy documents, strictly: what is not understood is an error with its place, because
 * an ignored element would make a rule apply where its author said it should not.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html}.
 * @module
 */

import { nearestName } from "../lib/nearest_name.ts";
import { complementActions, parseActions, type S3Action } from "./actions.ts";
import { parseConditions } from "./condition.ts";
import type { Statement } from "./policy.ts";
import { parseFromTop, type PolicyPlace, reportUnknownName } from "./policy_error.ts";
import { parseElements, parseMembers, parseText } from "./policy_json.ts";
import { parseResourceArn, type ResourceSet } from "./resource_pattern.ts";

/** How a document is read. */
export interface PolicyDocumentOptions {
  /** The id of the document's statement at `index`: `config.yaml:12:users[2].policy.Statement[0]`. */
  readonly nameStatement: (index: number) => string;
  /** `backend.relaxed_bucket_names`: bucket names are compared exactly. */
  readonly relaxed: boolean;
}

const DOCUMENT_ELEMENTS = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];
/**
 * The version with policy variables, and the one before; a document without a version counts as the latter.
 */
const VERSIONS = ["2012-10-17", "2008-10-17"];

/**
 * Reads a policy document, as JSON or YAML gave it.
 * @throws {PolicyError} For everything in it that IAM or this proxy does not know, with each
 *   problem's path.
 */
export function parsePolicyDocument(
  document: unknown,
  { nameStatement, relaxed }: PolicyDocumentOptions,
): Statement[] {
  return parseFromTop((top) => {
    const isList = isStatementList(document);
    const elements = isList
      ? new Map(Object.entries({ Version: VERSIONS[0], Statement: document }))
      : parseKnownMembers(document, { known: DOCUMENT_ELEMENTS, place: top });
    if (elements === undefined) return [];
    const version = elements.get("Version") ?? VERSIONS[1];
    if (typeof version !== "string" || !VERSIONS.includes(version)) {
      top.at("Version").report(`Unknown version "${version}": expected "${VERSIONS[0]}"`);
    }
    if (!elements.has("Statement")) {
      top.report('"Statement" is missing');
      return [];
    }
    const sids = new Set<string>();
    const statements = parseElements(
      elements.get("Statement"),
      isList ? top : top.at("Statement"),
    );
    return statements.flatMap(([element, at], index) => {
      const id = nameStatement(index);
      // A mistaken version is reported above; it should not make every variable a problem as well.
      const variables = version !== VERSIONS[1];
      return parseStatement(element, { place: at, id, relaxed, variables, sids });
    });
  });
}

/** Whether a document is its statements alone; they are those of the current version. */
export function isStatementList(document: unknown): document is unknown[] {
  return Array.isArray(document);
}

interface StatementUse {
  readonly place: PolicyPlace;
  readonly id: string;
  readonly relaxed: boolean;
  readonly variables: boolean;
  /** Sids of the statements before; none may occur twice. */
  readonly sids: Set<string>;
}

/** One statement, or none where `value` cannot be one. */
function parseStatement(value: unknown, use: StatementUse): Statement[] {
  const { place, id, variables } = use;
  const elements = parseKnownMembers(value, { known: STATEMENT_ELEMENTS, place });
  if (elements === undefined) return [];
  checkSid(elements.get("Sid"), use);
  const effect = elements.get("Effect");
  if (effect !== "Allow" && effect !== "Deny") {
    const found = typeof effect === "string" ? `Unknown effect "${effect}"` : "No effect";
    place.at("Effect").report(`${found}: expected "Allow" or "Deny"`);
  }
  return [{
    id,
    effect: effect === "Allow" ? effect : "Deny",
    actions: parseActionElement(elements, place),
    resources: parseResourceElement(elements, use),
    conditions: elements.has("Condition")
      ? parseConditions(elements.get("Condition"), { place: place.at("Condition"), variables })
      : [],
    createOnly: false,
  }];
}

type Elements = ReadonlyMap<string, unknown>;

/** The members of an object by name; an unknown one is reported, and a misspelt one is read as the one that is meant. */
function parseKnownMembers(
  value: unknown,
  { known, place }: { known: readonly string[]; place: PolicyPlace },
): Elements | undefined {
  const members = parseMembers(value, place);
  if (members === undefined) return undefined;
  const elements = new Map(members);
  for (const [name, element] of members) {
    if (known.includes(name)) continue;
    if (name === "Principal" || name === "NotPrincipal") {
      place.at(name).report(`"${name}" is for bucket policies; this one belongs to its user`);
      continue;
    }
    const nearest = nearestName(name, known);
    reportUnknownName(name, { what: "element", nearest, place });
    if (nearest !== undefined && !elements.has(nearest)) elements.set(nearest, element);
  }
  return elements;
}

function checkSid(sid: unknown, { place, sids }: StatementUse): void {
  if (sid === undefined) return;
  const text = parseText(sid, place.at("Sid"));
  if (text !== "" && sids.has(text)) place.at("Sid").report(`"${text}" names two statements`);
  sids.add(text);
}

function parseActionElement(elements: Elements, place: PolicyPlace): ReadonlySet<S3Action> {
  const name = chooseElement(elements, { names: ["Action", "NotAction"], place });
  if (name === undefined) return new Set();
  const sets = parseElements(elements.get(name), place.at(name)).map(([value, at]) => {
    const text = parseText(value, at);
    return typeof value === "string" ? parseActions(text, at) : new Set<S3Action>();
  });
  // A single set is shared, not copied: most statements of ten thousand users say `s3:*`.
  const actions = sets.length === 1 && sets[0] !== undefined
    ? sets[0]
    : new Set(sets.flatMap((set) => [...set]));
  return name === "Action" ? actions : complementActions(actions);
}

function parseResourceElement(elements: Elements, use: StatementUse): ResourceSet {
  const { place, relaxed, variables } = use;
  const name = chooseElement(elements, { names: ["Resource", "NotResource"], place });
  if (name === undefined) return { negated: false, patterns: [] };
  const patterns = parseElements(elements.get(name), place.at(name)).flatMap(([value, at]) => {
    const text = parseText(value, at);
    if (typeof value !== "string") return [];
    return [parseResourceArn(text, { place: at, relaxed, variables })];
  });
  return { negated: name === "NotResource", patterns };
}

/** Which of the two names is there; both and neither are reported. */
function chooseElement(
  elements: Elements,
  { names: [name, opposite], place }: { names: readonly [string, string]; place: PolicyPlace },
): string | undefined {
  if (elements.has(name) && elements.has(opposite)) {
    place.report(`A statement has "${name}" or "${opposite}", not both`);
  } else if (!elements.has(name) && !elements.has(opposite)) {
    place.report(`"${name}" or "${opposite}" is missing`);
    return undefined;
  }
  return elements.has(name) ? name : opposite;
}
