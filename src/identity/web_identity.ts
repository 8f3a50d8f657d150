/**
 * Proves a web identity token: a JSON Web Token that an identity provider of the configuration has signed.
 * See {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation} and
 * {@link https://www.rfc-editor.org/rfc/rfc8725 RFC 8725}.
 * @module
 */

import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { LIMITS } from "../limits.ts";
import { IdentityError } from "./identity_error.ts";
import type { IdentityProvider } from "./identity_provider.ts";
import { type FindKey, KeySet, type KeySetOptions } from "./key_set.ts";

/** Signatures by a key pair only: with a shared secret, or none, whoever checks a token could make one. */
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];

/** A proven token. */
export interface WebIdentity {
  readonly provider: IdentityProvider;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly payload: JWTPayload;
}

/** All providers of a configuration, and their keys. */
export class WebIdentityVerifier {
  readonly #providers: ReadonlyMap<string, { provider: IdentityProvider; keys: KeySet }>;

  /** Keys that the one `before` knows already are kept, where the provider's settings are. */
  constructor(
    providers: readonly IdentityProvider[],
    { before, ...options }: KeySetOptions & { readonly before?: WebIdentityVerifier | undefined },
  ) {
    this.#providers = new Map(
      providers.map((provider) => {
        const known = before === undefined ? undefined : before.#providers.get(provider.issuer);
        const isSame = JSON.stringify(known?.provider) === JSON.stringify(provider);
        const keys = isSame && known !== undefined ? known.keys : new KeySet(provider, options);
        return [provider.issuer, { provider, keys }];
      }),
    );
  }

  /**
   * Proves `token`, around which blanks are ignored: a token's file mostly ends in a line end. Whatever costs nothing is checked
   * first; then `admit` may throw, before any signature is verified.
   * @throws {IdentityError} For what is not taken.
   */
  async verify(
    token: string,
    { now, admit }: { now: Date; admit?: (issuer: string) => void },
  ): Promise<WebIdentity> {
    const { provider, keys, compact } = this.#findProvider(token.trim(), now);
    admit?.(provider.issuer);
    const payload = await verifyWithKeys(compact, { provider, keys, now });
    const { iss: issuer, sub: subject, aud } = payload;
    if (typeof issuer !== "string" || typeof subject !== "string") throw invalid("no_subject");
    const audiences = listAudiences(aud);
    if (audiences.length === 0) throw invalid("wrong_audience");
    return { provider, issuer, subject, audiences, payload };
  }

  /** The issuer a token claims. Nothing is proven yet, so nothing of this is kept but the choice of keys. */
  #findProvider(
    compact: string,
    now: Date,
  ): { provider: IdentityProvider; keys: KeySet; compact: string } {
    if (compact.length > LIMITS.webIdentityTokenCharactersMax) throw invalid("token_too_long");
    const { alg, claims } = decode(compact);
    if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) throw invalid("algorithm");
    const known = this.#providers.get(String(claims.iss));
    if (known === undefined) throw invalid("unknown_issuer");
    const { provider } = known;
    if (typeof claims.exp !== "number") throw invalid("no_expiry");
    if (claims.exp * 1000 + provider.clockSkewMs <= now.getTime()) {
      throw new IdentityError("expired", { reason: "token_expired" });
    }
    const audiences = listAudiences(claims.aud);
    if (provider.audiences?.some((audience) => audiences.includes(audience)) === false) {
      throw invalid("wrong_audience");
    }
    return { ...known, compact };
  }
}

function decode(compact: string): { alg: unknown; claims: JWTPayload } {
  try {
    return { alg: decodeProtectedHeader(compact).alg, claims: decodeJwt(compact) };
  } catch (cause) {
    throw invalid("token_malformed", cause);
  }
}

async function verifyWithKeys(
  compact: string,
  { provider, keys, now }: { provider: IdentityProvider; keys: KeySet; now: Date },
): Promise<JWTPayload> {
  try {
    return await verifyWith(await keys.current(), { compact, provider, now });
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw describe(error);
  }
  // A provider that has changed its keys signs with the new one at once.
  const renewed = await keys.renewed();
  if (renewed === undefined) throw invalid("unknown_key");
  try {
    return await verifyWith(renewed, { compact, provider, now });
  } catch (error) {
    throw describe(error);
  }
}

async function verifyWith(
  findKey: FindKey,
  { compact, provider, now }: { compact: string; provider: IdentityProvider; now: Date },
): Promise<JWTPayload> {
  const skewSeconds = provider.clockSkewMs / 1000;
  const { payload } = await jwtVerify(compact, findKey, {
    algorithms: ALGORITHMS,
    issuer: provider.issuer,
    requiredClaims: ["aud", "exp", "sub"],
    currentDate: now,
    clockTolerance: skewSeconds,
  });
  const { iat } = payload;
  if (iat !== undefined && iat - skewSeconds > now.getTime() / 1000) throw invalid("not_yet_valid");
  return payload;
}

function describe(error: unknown): unknown {
  if (error instanceof IdentityError || error instanceof errors.JWKSNoMatchingKey) {
    return error instanceof IdentityError ? error : invalid("unknown_key", error);
  }
  if (error instanceof errors.JWTExpired) {
    return new IdentityError("expired", { reason: "token_expired" });
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid("wrong_signature");
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") {
    return invalid("not_yet_valid");
  }
  return error instanceof errors.JOSEError ? invalid("token_invalid", error) : error;
}

function listAudiences(aud: unknown): string[] {
  const list: unknown[] = Array.isArray(aud) ? aud : [aud];
  return list.filter((audience) => typeof audience === "string");
}

function invalid(reason: string, cause?: unknown): IdentityError {
  return new IdentityError("invalid", { reason, cause });
}
