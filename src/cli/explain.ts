/**
 * `s3-proxy explain`: would this be allowed, and why? It asks the functions that decide in the running proxy.
 * @module
 */

import type { Config } from "../config/config.ts";
import { formatResourceArn } from "../iam/resource_pattern.ts";
import type { Decision } from "../iam/authorize.ts";
import { S3Error } from "../s3/error.ts";
import { verifyForEverybody } from "../s3/public_access.ts";
import { parseS3Request, type RawRequest, type S3Request } from "../s3/request.ts";
import { listRequiredAccess } from "../s3/required_access.ts";
import { createRequestRules } from "../server/snapshot.ts";
import { isPresigned } from "../sigv4/parse_claim.ts";
import {
  authorizeRequest,
  buildRequestContext,
  verifySourceAddress,
} from "../stages/authorize_request.ts";
import { type Asker, findAsker } from "./find_asker.ts";
import { UsageError } from "./usage_error.ts";

/** A request that somebody wonders about. */
export interface Question {
  readonly who: Asker;
  readonly method: string;
  /** `/bucket/key?versionId=1`; with a `host` header of a virtual host, `/key`. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly clientAddress: string;
  /** `auto`: as clients reach a proxy with this file, with TLS of its own or of a proxy it trusts. */
  readonly scheme: RawRequest["scheme"] | "auto";
}

/** What the proxy would answer, and the lines that say why. */
export interface Explanation {
  readonly allowed: boolean;
  readonly lines: readonly string[];
}

/** One fact a line. */
type Tell = (label: string, text: string) => void;

/**
 * Explains what would come of a signed request at `now`.
 * @throws {UsageError} For a user who is not in the file, and for a form, whose key is not in its head.
 */
export function explain(
  config: Config,
  { question, now }: { question: Question; now: Date },
): Explanation {
  const lines: string[] = [];
  const tell: Tell = (label, text) => void lines.push(`${label.padEnd(LABEL_COLUMN)}${text}`);
  try {
    const allowed = decide(config, { question, now, tell });
    return { allowed, lines };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const reason = error.reason === undefined ? "" : ` (${error.reason})`;
    tell("decision", `refused: ${error.code}${reason}: ${error.message}`);
    return { allowed: false, lines };
  }
}

const LABEL_COLUMN = 11;

function decide(
  config: Config,
  { question, now, tell }: { question: Question; now: Date; tell: Tell },
): boolean {
  const asker = findAsker(config, { who: question.who, now });
  const request = parseS3Request(
    buildRawRequest(question, config.server),
    createRequestRules(config),
  );
  if (request.operation.name === "PostObject") {
    throw new UsageError(
      `A form is decided as the upload of its key: ask for PUT ${question.target}/KEY`,
    );
  }
  tell("operation", request.operation.name);
  const needs = listRequiredAccess(request).map(({ action, resource }) =>
    `${action} on ${formatResourceArn(resource)}`
  );
  for (const need of new Set(needs)) tell("needs", need);
  if (asker.fact !== undefined) tell(question.who.kind, asker.fact);
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
    const { action, resource } = decision.need;
    tell("decision", `denied (${decision.reason}): ${action} on ${formatResourceArn(resource)}`);
  } else {
    const { blockPublicAccess } = config.security;
    verifyForEverybody(request, { ownerId: identity.name, blockPublicAccess });
    tell("decision", describePermission(request, decision));
  }
  for (const id of decision.statementIds) tell("statement", id);
  return decision.allowed;
}

function describePermission(
  { operation }: S3Request,
  { createOnly, statementIds }: Extract<Decision, { allowed: true }>,
): string {
  if (createOnly) return "allowed to create: an object that is there already stays";
  if (operation.name === "ListBuckets") {
    return "allowed: shows the buckets that the user has rights in";
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
