/**
 * A session: what its token holds, and how that is written. A token names a role and somebody, never rights: those are
 * looked up in the configuration, at each request.
 * @module
 */

import { deflateRawSync, inflateRawSync } from "node:zlib";
import { decodeUtf8, encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import type { ClaimValues, Principal } from "./principal.ts";

/** A temporary identity. */
export interface Session {
  /** `undefined`: the user itself, by GetSessionToken. */
  readonly role: string | undefined;
  /** `RoleSessionName`; empty for GetSessionToken. */
  readonly name: string;
  readonly principal: Principal;
  /** Seconds since the epoch. */
  readonly issuedAtSeconds: number;
  /** Seconds since the epoch from which it is over. */
  readonly expiresAtSeconds: number;
  /** A policy document that what is allowed has to be allowed by, too, as JSON. */
  readonly policy: string | undefined;
}

type Packed = readonly [
  role: string | null,
  name: string,
  issuedAt: number,
  lifeSeconds: number,
  policy: string | null,
  principal:
    | readonly [user: string, accessKeyId: string, secretTag: string]
    | readonly [
      issuer: string,
      audiences: readonly string[],
      subject: string,
      claims: Readonly<Record<string, ClaimValues>>,
    ],
];

/** A session in few bytes. */
export function packSession(session: Session): Uint8Array {
  const { role, name, issuedAtSeconds, expiresAtSeconds, policy, principal } = session;
  const packed: Packed = [
    role ?? null,
    name,
    issuedAtSeconds,
    expiresAtSeconds - issuedAtSeconds,
    policy ?? null,
    principal.kind === "user"
      ? [principal.name, principal.accessKeyId, principal.secretTag]
      : [principal.issuer, principal.audiences, principal.subject, principal.claims],
  ];
  return deflateRawSync(encodeUtf8(JSON.stringify(packed)));
}

/** The pair of {@linkcode packSession}. INVARIANT: `bytes` are what it made; they were authenticated. */
export function unpackSession(bytes: Uint8Array): Session {
  const json = inflateRawSync(bytes, { maxOutputLength: LIMITS.sessionBytesMax });
  // `as` is true: only packSession() writes what was sealed.
  const [role, name, issuedAtSeconds, lifeSeconds, policy, who] = JSON.parse(
    decodeUtf8(json) ?? "",
  ) as Packed;
  return {
    role: role ?? undefined,
    name,
    principal: who.length === 3
      ? { kind: "user", name: who[0], accessKeyId: who[1], secretTag: who[2] }
      : { kind: "web", issuer: who[0], audiences: who[1], subject: who[2], claims: who[3] },
    issuedAtSeconds,
    expiresAtSeconds: issuedAtSeconds + lifeSeconds,
    policy: policy ?? undefined,
  };
}
