/**
 * AssumeRoleWithWebIdentity: gives a role to people and programs that an identity provider vouches for.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html}.
 * @module
 */

import type { Role } from "../config/config.ts";
import { IdentityError } from "../identity/identity_error.ts";
import { readClaims, type WebPrincipal } from "../identity/principal.ts";
import { isTrusted } from "../identity/trust.ts";
import type { WebIdentity } from "../identity/web_identity.ts";
import { assertNever } from "../lib/assert.ts";
import { LIMITS } from "../limits.ts";
import { giveSession, lastFor } from "./give_session.ts";
import {
  invalid,
  readDuration,
  readRoleName,
  readSessionName,
  readSessionPolicy,
  requireParameter,
} from "./session_parameters.ts";
import type { StsFields } from "./sts_document.ts";
import { StsError } from "./sts_error.ts";
import type { StsRequest } from "./sts_request.ts";
import type { StsOptions } from "./sts_rules.ts";

type VerifyOptions = Pick<StsOptions, "rules" | "now" | "pace" | "clientAddress">;

/** The fields of its result. @throws {StsError} For whoever is not trusted. */
export async function assumeRoleWithWebIdentity(
  { parameters }: StsRequest,
  options: VerifyOptions,
): Promise<StsFields> {
  const { rules, now } = options;
  const token = requireParameter(parameters, "WebIdentityToken");
  if (parameters.has("ProviderId")) throw invalid("ProviderId is not for OpenID Connect tokens.");
  const asked = readRoleName(parameters, rules.accountId);
  const seconds = readDuration(parameters);
  const policy = readSessionPolicy(parameters, { relaxed: rules.relaxedBucketNames });
  const sessionName = readSessionName(parameters);
  const identity = await verifyToken(token, options);
  const { subject, issuer } = identity;
  const name = asked.given ? asked.name : identity.provider.defaultRole;
  if (name === undefined && !asked.given) {
    throw invalid("RoleArn is missing, and the identity provider has no default_role.");
  }
  const role = rules.roles.get(name ?? "");
  const principal = describePrincipal(identity, role);
  if (role === undefined || !isTrusted(role.trust, principal)) {
    throw new StsError("AccessDenied", {
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      reason: role === undefined ? "no_such_role" : "not_trusted",
    });
  }
  // A longer time than the role's is shortened, not refused, because two clients always ask for a fixed time.
  const life = Math.min(seconds ?? LIMITS.sessionSecondsDefault, role.maxSessionSeconds);
  const given = giveSession(rules, {
    role: role.name,
    name: sessionName ?? formatSessionName(subject),
    principal,
    ...lastFor(life, now),
    policy,
  });
  return {
    ...given,
    SubjectFromWebIdentityToken: subject,
    Provider: issuer,
    Audience: identity.audiences[0] ?? "",
  };
}

async function verifyToken(
  token: string,
  { rules, now, pace, clientAddress }: VerifyOptions,
): Promise<WebIdentity> {
  try {
    const admit = (issuer: string): void => pace.countToken(issuer, clientAddress);
    return await rules.webIdentities.verify(token, { now, admit });
  } catch (cause) {
    if (!(cause instanceof IdentityError)) throw cause;
    const { kind, reason } = cause;
    switch (kind) {
      case "expired":
        throw new StsError("ExpiredTokenException", { reason, cause });
      case "invalid":
        throw new StsError("InvalidIdentityToken", { reason, cause });
      case "unreachable":
        // Clients repeat a request with this error up to nine times.
        throw new StsError("IDPCommunicationError", { reason, cause });
      default:
        assertNever(kind);
    }
  }
}

/** Only with the claims that the role asks for, because the token has to stay short. */
function describePrincipal(
  { issuer, subject, audiences, payload }: WebIdentity,
  role: Role | undefined,
): WebPrincipal {
  const claims = readClaims(payload, role?.claimNames ?? []);
  return { kind: "web", issuer, subject, audiences, claims };
}

/** Of a subject, where the client gives the session no name. */
function formatSessionName(subject: string): string {
  const name = subject.replace(/[^\w+=,.@-]/g, "-").slice(0, 64);
  return name.length < 2 ? `${name}--`.slice(0, 2) : name;
}
