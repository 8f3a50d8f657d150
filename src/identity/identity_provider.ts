/**
 * Where identity tokens come from, as the configuration says it.
 * @module
 */

/** Where a provider's keys are. */
export type KeysAt =
  /** `/.well-known/openid-configuration` beneath the issuer says it. */
  | { readonly kind: "discovery" }
  | { readonly kind: "uri"; readonly uri: string }
  /** A JSON Web Key Set, as text. */
  | { readonly kind: "text"; readonly text: string };

/** An issuer of identity tokens. */
export interface IdentityProvider {
  /** `iss`, to the letter. */
  readonly issuer: string;
  /** Audiences, one of which a token must have; `undefined`: any, because a role's trust names its own. */
  readonly audiences: readonly string[] | undefined;
  readonly keysAt: KeysAt;
  /** PEM authorities in place of the system's. */
  readonly authorities: string | undefined;
  readonly clockSkewMs: number;
  /** Whether it may be at an address of a private network or of this machine, and without TLS. */
  readonly allowsPrivateAddresses: boolean;
  /** The role of clients that name none. */
  readonly defaultRole: string | undefined;
}
