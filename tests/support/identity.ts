/**
 * An identity provider for tests: keys made here, tokens that say what a test wants, right or wrong.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { CompactSign, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";

/** Its name in tokens and in the configuration. */
export const ISSUER = "https://issuer.test";
/** For whom its tokens are. */
export const AUDIENCE = "s3-proxy";
/** What a token of {@linkcode TestIssuer.sign} says unless told otherwise. */
export const SUBJECT = "repo:example/app:ref:refs/heads/main";

const SECONDS = 1000;

/** One that signs with ES256. */
export class TestIssuer {
  readonly #privateKey: CryptoKey;
  /** Its JSON Web Key Set. */
  readonly keySet: string;
  readonly #kid: string;

  private constructor(privateKey: CryptoKey, { keySet, kid }: { keySet: string; kid: string }) {
    this.#privateKey = privateKey;
    this.keySet = keySet;
    this.#kid = kid;
  }

  static async create(kid = "key-1"): Promise<TestIssuer> {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = { ...await exportJWK(publicKey), kid, alg: "ES256", use: "sig" };
    return new TestIssuer(privateKey, { keySet: JSON.stringify({ keys: [jwk] }), kid });
  }

  /** A token whose payload is `payload`, whatever that is. */
  signText(payload: string | Uint8Array): Promise<string> {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    return new CompactSign(bytes).setProtectedHeader({ alg: "ES256", kid: this.#kid })
      .sign(this.#privateKey);
  }

  /** A token, good for an hour, but for what `claims` and `header` change; `undefined` takes a claim out. */
  sign(
    claims: Readonly<Record<string, unknown>> = {},
    header: Readonly<Partial<JWTHeaderParameters>> = {},
  ): Promise<string> {
    return new SignJWT(complete(claims))
      .setProtectedHeader({ alg: "ES256", kid: this.#kid, ...header })
      .sign(this.#privateKey, { crit: { exp: true } });
  }
}

/** A token that is signed by nobody, or by whoever knows the public key. */
export function forge(
  alg: "none" | "HS256",
  { claims = {}, secret = "" }: { claims?: Readonly<Record<string, unknown>>; secret?: string } =
    {},
): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${encode({ alg, kid: "key-1" })}.${encode(complete(claims))}`;
  const signature = alg === "none"
    ? ""
    : createHmac("sha256", secret).update(input).digest("base64url");
  return `${input}.${signature}`;
}

/** The claims of a token, good for an hour, but for what `claims` change. */
export function complete(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const now = Math.floor(Date.now() / SECONDS);
  const all: Record<string, unknown> = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: SUBJECT,
    iat: now,
    exp: now + 3600,
    ...claims,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
