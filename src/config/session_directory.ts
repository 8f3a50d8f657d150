/**
 * Sessions by their token, each with the rights that the configuration gives it now: a session whose role is gone, no longer
 * trusts it, or is told to end it, is over.
 * @module
 */

import type { Identity, SessionFacts } from "../iam/identity.ts";
import { Policy } from "../iam/policy.ts";
import { parsePolicyDocument } from "../iam/policy_document.ts";
import type { Principal, UserPrincipal } from "../identity/principal.ts";
import type { OpenSession, SessionSealer } from "../identity/session_sealer.ts";
import { isTrusted } from "../identity/trust.ts";
import { mergeLimits, NO_LIMITS } from "../lib/user_limits.ts";
import type { AccessKeyId } from "../s3/names.ts";
import { tagSecret } from "../sigv4/signing_key.ts";
import type { Config, Role, User } from "./config.ts";
import { createUserDirectory, type KnownKey } from "./user_directory.ts";

/**
 * Finds who an access key belongs to: with a token a session, without one a user. `undefined` where it is unknown, `inactive`
 * for a user's that is disabled or expired, `expired` for a session that is over at `now`.
 */
export type KeyDirectory = (
  key: { readonly accessKeyId: AccessKeyId; readonly sessionToken: string | undefined },
  now: Date,
) => KnownKey | "inactive" | "expired" | undefined;

type Rules = Pick<Config, "users" | "roles" | "backend">;

/** Builds the directory of one configuration. */
export function createKeyDirectory(config: Rules, sealer: SessionSealer): KeyDirectory {
  const findUser = createUserDirectory(config.users);
  const identities = new SessionIdentities(config);
  return ({ accessKeyId, sessionToken }, now) => {
    if (sessionToken === undefined) return findUser(accessKeyId, now);
    const session = sealer.open(sessionToken);
    if (session === undefined || session.accessKeyId !== accessKeyId) return undefined;
    if (now.getTime() >= session.expiresAtSeconds * 1000) return "expired";
    const identity = identities.find(session, now);
    return identity === undefined
      ? "expired"
      : { secretAccessKey: session.secretAccessKey, identity };
  };
}

/** Whether the key that asked for a session is no longer the user's, has another secret, or is not valid at `now`. */
function isInactive(
  user: User,
  { accessKeyId, secretTag, now }: UserPrincipal & { readonly now: Date },
): boolean {
  const isOver = (end: Date | undefined): boolean => end !== undefined && end <= now;
  return !user.enabled || isOver(user.expiresAt) ||
    user.keys.every((key) =>
      key.accessKeyId !== accessKeyId || isOver(key.expiresAt) ||
      tagSecret(key.secretAccessKey) !== secretTag
    );
}

/** `web:ISSUER:SUBJECT` or `user:NAME`. */
export function formatPrincipal(principal: Principal): string {
  return principal.kind === "user"
    ? `user:${principal.name}`
    : `web:${principal.issuer}:${principal.subject}`;
}

class SessionIdentities {
  readonly #users: ReadonlyMap<string, User>;
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #relaxed: boolean;
  readonly #policies = new Map<string, Policy>();
  /** `null`: the configuration does not know it any more. */
  readonly #known = new WeakMap<OpenSession, Identity | null>();

  constructor({ users, roles, backend }: Rules) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#roles = new Map(roles.map((role) => [role.name, role]));
    this.#relaxed = backend.relaxedBucketNames;
  }

  find(session: OpenSession, now: Date): Identity | undefined {
    const { principal } = session;
    let identity = this.#known.get(session);
    if (identity === undefined) this.#known.set(session, identity = this.#build(session) ?? null);
    if (identity === null || principal.kind === "web") return identity ?? undefined;
    const user = this.#users.get(principal.name);
    return user === undefined || isInactive(user, { ...principal, now }) ? undefined : identity;
  }

  #build(session: OpenSession): Identity | undefined {
    const { role: name, principal, accessKeyId, name: sessionName } = session;
    const user = principal.kind === "user" ? this.#users.get(principal.name) : undefined;
    if (principal.kind === "user" && user === undefined) return undefined;
    const facts: SessionFacts = {
      role: name,
      sessionName,
      principal: formatPrincipal(principal),
      claims: principal.kind === "web"
        ? { ...principal.claims, sub: [principal.subject], iss: [principal.issuer] }
        : undefined,
    };
    const sharesAs = user?.name ?? facts.principal;
    const bounds = { accessKeyId, session: facts, sourceIps: user?.sourceIps, sharesAs };
    if (name === undefined) {
      return user === undefined ? undefined : {
        ...bounds,
        name: user.name,
        username: user.name,
        limits: user.limits,
        policy: this.#bound(`user/${user.name}`, { statements: user.statements, session }),
      };
    }
    const role = this.#roles.get(name);
    if (role === undefined || !isGiven(role, session)) return undefined;
    return {
      ...bounds,
      name: `role/${name}/${sessionName}`,
      username: undefined,
      // Users keep their own limits in a role that has none.
      limits: mergeLimits(NO_LIMITS, [user?.limits, role.limits]),
      policy: this.#bound(`role/${name}`, { statements: role.statements, session }),
    };
  }

  /** What both the rules and the session's own policy, if it has one, allow. */
  #bound(
    key: string,
    { statements, session }: Pick<Role, "statements"> & { session: OpenSession },
  ): Policy {
    if (session.policy !== undefined) {
      const boundary = compileSessionPolicy(session.policy, { relaxed: this.#relaxed });
      return new Policy(statements, new Policy(boundary));
    }
    let policy = this.#policies.get(key);
    if (policy === undefined) this.#policies.set(key, policy = new Policy(statements));
    return policy;
  }
}

/** Whether `role` still gives `session` to whom it was given. */
function isGiven({ trust, sessionsValidAfter }: Role, session: OpenSession): boolean {
  const isRevoked = sessionsValidAfter !== undefined &&
    session.issuedAtSeconds * 1000 < sessionsValidAfter.getTime();
  return !isRevoked && isTrusted(trust, session.principal);
}

/**
 * The statements of a session's policy.
 * @throws {PolicyError} for what is none.
 */
export function compileSessionPolicy(
  json: string,
  { relaxed }: { relaxed: boolean },
): ReturnType<typeof parsePolicyDocument> {
  const policy: unknown = JSON.parse(json);
  return parsePolicyDocument(policy, {
    relaxed,
    nameStatement: (index) => `session policy:Statement[${index}]`,
  });
}
