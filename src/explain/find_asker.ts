/**
 * Who asks, for `explain`: a user of the file, or a session that a role would give for a token's claims.
 * @module
 */

import type { Config, Role } from "../config/config.ts";
import { formatPrincipal } from "../config/session_directory.ts";
import type { Identity } from "../iam/identity.ts";
import { Policy } from "../iam/policy.ts";
import { readClaim, readClaims, type WebPrincipal } from "../identity/principal.ts";
import { isTrusted } from "../identity/trust.ts";
import { nearestName } from "../lib/nearest_name.ts";
import { parseAccessKeyId } from "../s3/names.ts";
import { assert } from "../lib/assert.ts";
import type { S3ErrorCode } from "../s3/error.ts";
import { findUser } from "./find_user.ts";
import { UsageError } from "./usage_error.ts";

/** Whose request it is. */
export type Asker =
  | { readonly kind: "user"; readonly name: string }
  /** A session of a role, for the owner of a token with these claims. */
  | {
    readonly kind: "role";
    readonly name: string;
    readonly claims: Readonly<Record<string, unknown>>;
  };

/** Whoever asks; without an identity, why there is none. */
export type FoundAsker =
  | { readonly identity: Identity; readonly fact: string | undefined }
  | { readonly identity: undefined; readonly fact: string; readonly code: S3ErrorCode };

/** @throws {UsageError} For a user or a role that is not in the file, and claims that are none of a token. */
export function findAsker(config: Config, { who, now }: { who: Asker; now: Date }): FoundAsker {
  return who.kind === "user"
    ? findUserAsker(config, { name: who.name, now })
    : findRoleAsker(config, who);
}

function findUserAsker(config: Config, who: { name: string; now: Date }): FoundAsker {
  const { user, key } = findUser(config, who);
  if (key === undefined) {
    const fact = user.name === who.name
      ? `${user.name} is disabled or has no key that is valid now`
      : `${who.name}, a key of ${user.name}, is not valid now`;
    return { identity: undefined, fact, code: "InvalidAccessKeyId" };
  }
  return {
    identity: {
      name: user.name,
      username: user.name,
      accessKeyId: key.accessKeyId,
      policy: new Policy(user.statements),
      sourceIps: user.sourceIps,
      sharesAs: user.name,
      limits: user.limits,
    },
    fact: user.name === who.name ? undefined : `${user.name}, by the key ${key.accessKeyId}`,
  };
}

function findRoleAsker(
  { roles }: Config,
  { name, claims }: Extract<Asker, { kind: "role" }>,
): FoundAsker {
  const role = roles.find((role) => role.name === name);
  if (role === undefined) {
    const nearest = nearestName(name, roles.map((role) => role.name));
    const hint = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
    throw new UsageError(`Unknown role "${name}"${hint}`);
  }
  const principal = readPrincipal(claims, role);
  const whom = formatPrincipal(principal);
  if (!isTrusted(role.trust, principal)) {
    return { identity: undefined, fact: `${name} does not trust ${whom}`, code: "AccessDenied" };
  }
  const accessKeyId = parseAccessKeyId("ASIA-explain");
  assert(accessKeyId !== undefined, "a name made here is one");
  const { subject, issuer } = principal;
  return {
    identity: {
      name: `role/${name}/explain`,
      username: undefined,
      accessKeyId,
      policy: new Policy(role.statements),
      sourceIps: undefined,
      sharesAs: whom,
      limits: role.limits,
      session: {
        role: name,
        sessionName: "explain",
        principal: whom,
        claims: { ...principal.claims, sub: [subject], iss: [issuer] },
      },
    },
    fact: `${name} trusts ${whom}`,
  };
}

function readPrincipal(claims: Readonly<Record<string, unknown>>, role: Role): WebPrincipal {
  const [issuer] = readClaim(claims, "iss") ?? [];
  const [subject] = readClaim(claims, "sub") ?? [];
  const audiences = readClaim(claims, "aud");
  if (issuer === undefined || subject === undefined || audiences === undefined) {
    throw new UsageError("The claims are those of no token, expected iss, sub and aud among them");
  }
  return {
    kind: "web",
    issuer,
    subject,
    audiences,
    claims: readClaims(claims, role.claimNames),
  };
}
