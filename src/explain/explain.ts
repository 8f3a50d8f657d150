/**
 * `s3-proxy explain`: would this be allowed, and why? It asks the functions that decide in the running proxy.
 * @module
 */

import type { Config } from "../config/config.ts";
import { formatResourceArn } from "../iam/resource_pattern.ts";
import type { Decision } from "../iam/authorize.ts";
import type { Identity } from "../iam/identity.ts";
import type { Resource } from "../s3/addressing.ts";
import { S3Error } from "../s3/error.ts";
import { verifyForEverybody } from "../s3/public_access.ts";
import { parseS3Request, type RawRequest, type S3Request } from "../s3/request.ts";
import { listRequiredAccess } from "../s3/required_access.ts";
import { isPresigned } from "../sigv4/parse_claim.ts";
import {
  authorizeRequest,
  buildRequestContext,
  verifySourceAddress,
} from "../stages/authorize_request.ts";
import { createRequestRules } from "../stages/request_rules.ts";
import { type Asker, findAsker } from "./find_asker.ts";
import { UsageError } from "./usage_error.ts";

/** A request that somebody wonders about. */
export interface Question {
  readonly who: Asker | { readonly kind: "identity"; readonly identity: Identity };
  readonly method: string;
  /** `/bucket/key?versionId=1`; with a `host` header of a virtual host, `/key`. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly clientAddress: string;
  /** `auto`: as clients reach a proxy with this file, with TLS of its own or of a proxy it trusts. */
  readonly scheme: RawRequest["scheme"] | "auto";
}

/** A right, and on what: `s3:GetObject` and an ARN. */
export interface NamedNeed {
  readonly action: string;
  readonly resource: string;
}

/** What the proxy would answer, the lines that say why, and the facts in them. */
export interface Explanation {
  readonly allowed: boolean;
  readonly lines: readonly string[];
  /** `undefined` where the request is not understood. */
  readonly operation: string | undefined;
  readonly needs: readonly NamedNeed[];
  /** Of a denial: the right that no rule gives, or that one takes away. */
  readonly missing: NamedNeed | undefined;
  readonly decision: string;
  /** Where the rules stand that decided. */
  readonly statements: readonly string[];
}

/** An explanation in the making. */
class Findings {
  readonly lines: string[] = [];
  operation: string | undefined;
  needs: readonly NamedNeed[] = [];
  missing: NamedNeed | undefined;
  decision = "";
  statements: readonly string[] = [];

  /** One fact a line. */
  tell(label: string, text: string): void {
    this.lines.push(`${label.padEnd(LABEL_COLUMN)}${text}`);
  }

  decide(decision: string): void {
    this.decision = decision;
    this.tell("decision", decision);
  }

  finish(allowed: boolean): Explanation {
    const { lines, operation, needs, missing, decision, statements } = this;
    return { allowed, lines, operation, needs, missing, decision, statements };
  }
}

/**
 * Explains what would come of a signed request at `now`.
 * @throws {UsageError} For a user who is not in the file, and for a form, whose key is not in its head.
 */
export function explain(
  config: Config,
  { question, now }: { question: Question; now: Date },
): Explanation {
  const found = new Findings();
  try {
    return found.finish(decide(config, { question, now, found }));
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const reason = error.reason === undefined ? "" : ` (${error.reason})`;
    found.decide(`refused: ${error.code}${reason}: ${error.message}`);
    return found.finish(false);
  }
}

const LABEL_COLUMN = 11;

function decide(
  config: Config,
  { question, now, found }: { question: Question; now: Date; found: Findings },
): boolean {
  const { who } = question;
  const asker = who.kind === "identity"
    ? { identity: who.identity, fact: undefined }
    : findAsker(config, { who, now });
  const request = parseS3Request(
    buildRawRequest(question, config.server),
    createRequestRules(config),
  );
  if (request.operation.name === "PostObject") {
    throw new UsageError(
      `A form is decided as the upload of its key: ask for PUT ${question.target}/KEY`,
    );
  }
  found.operation = request.operation.name;
  found.tell("operation", request.operation.name);
  found.needs = listRequiredAccess(request).map(nameNeed);
  for (const need of new Set(found.needs.map(formatNeed))) found.tell("needs", need);
  if (asker.fact !== undefined) found.tell(who.kind, asker.fact);
  const { identity } = asker;
  if (identity === undefined) throw new S3Error(asker.code);
  const context = buildRequestContext(request, {
    authenticated: { identity, mechanism: isPresigned(request) ? "presigned" : "header" },
    clientAddress: question.clientAddress,
    now,
  });
  verifySourceAddress(identity, context);
  const decision = authorizeRequest(request, { identity, context });
  if (!decision.allowed) {
    found.missing = nameNeed(decision.need);
    found.decide(`denied (${decision.reason}): ${formatNeed(found.missing)}`);
  } else {
    const { blockPublicAccess } = config.security;
    verifyForEverybody(request, { ownerId: identity.name, blockPublicAccess });
    found.decide(describePermission(request, decision));
  }
  found.statements = decision.statementIds;
  for (const id of decision.statementIds) found.tell("statement", id);
  return decision.allowed;
}

function nameNeed({ action, resource }: { action: string; resource: Resource }): NamedNeed {
  return { action, resource: formatResourceArn(resource) };
}

function formatNeed({ action, resource }: NamedNeed): string {
  return `${action} on ${resource}`;
}

function describePermission(
  { operation }: S3Request,
  { createOnly, statementIds }: Extract<Decision, { allowed: true }>,
): string {
  if (createOnly) return "allowed to create: an object that is there already stays";
  if (operation.name === "ListBuckets") {
    return "allowed: shows the buckets that the user has rights in";
  }
  if (operation.name === "PutBucketLogging" || operation.name === "PutBucketReplication") {
    return "allowed: its document names buckets that need rights, too";
  }
  if (operation.name === "DeleteObjects") return "allowed: each key is decided as its own DELETE";
  if (operation.name === "HeadBucket" && statementIds.length === 0) {
    return "allowed: the user has rights in this bucket, so that ListBuckets shows it";
  }
  return "allowed";
}

function buildRawRequest(
  { method, target, headers, clientAddress, scheme }: Question,
  { tls, trustedProxies }: Config["server"],
): RawRequest {
  const isEncrypted = tls !== undefined || trustedProxies.length > 0;
  const withLength = headers.has("content-length")
    ? headers
    : new Map(headers).set("content-length", "0");
  return {
    method,
    target,
    authority: headers.get("host") ?? "s3-proxy",
    scheme: scheme !== "auto" ? scheme : isEncrypted ? "https" : "http",
    headers: withLength,
    body: null,
    clientAddress,
    clientGone: () => new AbortController().signal,
  };
}
