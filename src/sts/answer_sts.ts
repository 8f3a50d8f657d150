/**
 * STS: temporary key pairs for users, and for people and programs that an identity provider vouches for. Nothing of this is forwarded.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html}.
 * @module
 */

import type { Identity } from "../iam/identity.ts";
import type { UserPrincipal } from "../identity/principal.ts";
import { isTrusted } from "../identity/trust.ts";
import { assertNever } from "../lib/assert.ts";
import { LIMITS } from "../limits.ts";
import type { RawRequest } from "../s3/request.ts";
import { tagSecret } from "../sigv4/signing_key.ts";
import { assumeRoleWithWebIdentity } from "./assume_role_with_web_identity.ts";
import { giveSession, lastFor } from "./give_session.ts";
import {
  invalid,
  readDuration,
  readRoleName,
  readSessionName,
  readSessionPolicy,
  requireParameter,
} from "./session_parameters.ts";
import { formatStsResult, type StsFields } from "./sts_document.ts";
import { StsError } from "./sts_error.ts";
import type { StsOptions, StsRules } from "./sts_rules.ts";
import { readStsRequest, type StsRequest } from "./sts_request.ts";
import { verifyCaller } from "./verify_caller.ts";

/**
 * The document that answers `raw`.
 * @throws {StsError} For what is refused.
 * @throws {S3Error} `MethodNotAllowed` for what is none of STS's.
 */
export async function answerSts(raw: RawRequest, options: StsOptions): Promise<string> {
  const request = await readStsRequest(raw);
  const { action } = request;
  options.asked(action);
  const result = await carryOut(request, { ...options, raw });
  return formatStsResult(action, { result, requestId: options.requestId });
}

type Circumstances = StsOptions & { readonly raw: RawRequest };

async function carryOut(request: StsRequest, circumstances: Circumstances): Promise<StsFields> {
  switch (request.action) {
    case "AssumeRoleWithWebIdentity":
      return await assumeRoleWithWebIdentity(request, circumstances);
    case "AssumeRole":
      return assumeRole(request, circumstances);
    case "GetCallerIdentity":
      return getCallerIdentity(verifyCaller(request, circumstances), circumstances.rules);
    case "GetSessionToken":
      return getSessionToken(request, circumstances);
    default:
      return assertNever(request.action);
  }
}

function assumeRole(request: StsRequest, circumstances: Circumstances): StsFields {
  const { rules, now } = circumstances;
  const { parameters } = request;
  const identity = verifyCaller(request, circumstances);
  const arn = requireParameter(parameters, "RoleArn");
  requireParameter(parameters, "RoleSessionName");
  const name = readSessionName(parameters) ?? "";
  const { name: roleName } = readRoleName(parameters, rules.accountId);
  const role = rules.roles.get(roleName ?? "");
  const principal = describeUser(identity, circumstances);
  if (identity.session !== undefined || role === undefined || !isTrusted(role.trust, principal)) {
    throw new StsError("AccessDenied", {
      message: `User: ${
        formatCallerArn(identity, rules)
      } is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      reason: role === undefined ? "no_such_role" : "not_trusted",
    });
  }
  const seconds = readDuration(parameters) ?? Math.min(
    LIMITS.sessionSecondsDefault,
    role.maxSessionSeconds,
  );
  if (seconds > role.maxSessionSeconds) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  const policy = readSessionPolicy(parameters, { relaxed: rules.relaxedBucketNames });
  return giveSession(rules, {
    role: role.name,
    name,
    principal,
    ...lastFor(seconds, now),
    policy,
  });
}

function getSessionToken(request: StsRequest, circumstances: Circumstances): StsFields {
  const { rules, now } = circumstances;
  const identity = verifyCaller(request, circumstances);
  if (identity.session !== undefined) {
    throw new StsError("AccessDenied", {
      message: "Cannot call GetSessionToken with session credentials",
      reason: "session_credentials",
    });
  }
  const seconds = readDuration(request.parameters) ?? LIMITS.sessionSecondsMax;
  const { Credentials } = giveSession(rules, {
    role: undefined,
    name: "",
    principal: describeUser(identity, circumstances),
    ...lastFor(Math.min(seconds, LIMITS.sessionSecondsMax), now),
    policy: undefined,
  });
  return { Credentials };
}

/** Whom a session is given to. Of a session itself the tag is none, and nothing is given to it. */
function describeUser({ name, accessKeyId }: Identity, { rules, now }: StsOptions): UserPrincipal {
  const key = rules.findKey({ accessKeyId, sessionToken: undefined }, now);
  const secretTag = typeof key === "object" ? tagSecret(key.secretAccessKey) : "";
  return { kind: "user", name, accessKeyId, secretTag };
}

function getCallerIdentity(identity: Identity, rules: StsRules): StsFields {
  const { session, name } = identity;
  const userId = session?.role === undefined ? name : `${session.role}:${session.sessionName}`;
  return { Arn: formatCallerArn(identity, rules), UserId: userId, Account: rules.accountId };
}

function formatCallerArn({ name, session }: Identity, { accountId }: StsRules): string {
  return session?.role === undefined
    ? `arn:aws:iam::${accountId}:user/${name}`
    : `arn:aws:sts::${accountId}:assumed-role/${session.role}/${session.sessionName}`;
}
