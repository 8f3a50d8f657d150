/**
 * The keys of one identity provider: asked for when they are needed, at most every {@linkcode LIMITS.keySetRetryMs}, and
 * kept while it does not answer.
 * See {@link https://www.rfc-editor.org/rfc/rfc7517 RFC 7517} and
 * {@link https://openid.net/specs/openid-connect-discovery-1_0.html}.
 * @module
 */

import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { LIMITS } from "../limits.ts";
import { discover, readMembers } from "./discovery.ts";
import type { FetchDocument } from "./fetch_document.ts";
import { IdentityError } from "./identity_error.ts";
import type { IdentityProvider } from "./identity_provider.ts";

/** Finds the key that a token's head names. */
export type FindKey = ReturnType<typeof createLocalJWKSet>;

/** What a {@linkcode KeySet} needs beside its provider. */
export interface KeySetOptions {
  readonly fetchDocument: FetchDocument;
  /** Milliseconds on a clock that never jumps. */
  readonly monotonicMs: () => number;
}

/** One provider's. */
export class KeySet {
  readonly #provider: IdentityProvider;
  readonly #options: KeySetOptions;
  #known: { readonly findKey: FindKey; readonly atMs: number } | undefined;
  #lastTryMs = -Infinity;
  #pending: Promise<void> | undefined;
  #failure: unknown;

  constructor(provider: IdentityProvider, options: KeySetOptions) {
    this.#provider = provider;
    this.#options = options;
    if (provider.keysAt.kind === "text") {
      this.#known = { findKey: parseKeySet(provider.keysAt.text), atMs: Infinity };
    }
  }

  /** @throws {IdentityError} `unreachable` where no keys are known that still count. */
  async current(): Promise<FindKey> {
    if (this.#ageMs > LIMITS.keySetFreshMs) await this.#refresh();
    if (this.#known !== undefined && this.#ageMs <= LIMITS.keySetStaleMs) {
      return this.#known.findKey;
    }
    throw new IdentityError("unreachable", {
      reason: "identity_provider_unreachable",
      cause: this.#failure,
    });
  }

  /** Asks for the keys again, because the wanted one is not among them; `undefined` where that was done a moment ago. */
  async renewed(): Promise<FindKey | undefined> {
    const before = this.#known;
    await this.#refresh();
    return this.#known === before ? undefined : this.#known?.findKey;
  }

  get #ageMs(): number {
    if (this.#known === undefined) return Infinity;
    return this.#known.atMs === Infinity ? 0 : this.#options.monotonicMs() - this.#known.atMs;
  }

  /** All callers wait for the same answer. Never rejects. */
  async #refresh(): Promise<void> {
    if (this.#provider.keysAt.kind === "text") return;
    if (this.#pending === undefined) {
      const nowMs = this.#options.monotonicMs();
      if (nowMs - this.#lastTryMs < LIMITS.keySetRetryMs) return;
      this.#lastTryMs = nowMs;
      this.#pending = this.#ask().finally(() => this.#pending = undefined);
    }
    await this.#pending;
  }

  async #ask(): Promise<void> {
    try {
      const text = await this.#options.fetchDocument(await this.#findUri(), this.#provider);
      this.#known = { findKey: parseKeySet(text), atMs: this.#options.monotonicMs() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }

  async #findUri(): Promise<string> {
    const { keysAt } = this.#provider;
    if (keysAt.kind === "uri") return keysAt.uri;
    const { jwks_uri: uri } = await discover(this.#provider, this.#options.fetchDocument);
    if (typeof uri !== "string") throw new Error("its discovery document has no jwks_uri");
    return uri;
  }
}

/** @throws {Error} for what is no JSON Web Key Set, and for one of more than {@linkcode LIMITS.keySetKeysMax} keys. */
export function parseKeySet(text: string): FindKey {
  const { keys } = readMembers(JSON.parse(text));
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > LIMITS.keySetKeysMax) {
    throw new Error("its document is no set of keys");
  }
  // `as` is true as far as it is used: jose reads and checks each key.
  return createLocalJWKSet({ keys } as JSONWebKeySet);
}
