/**
 * Which origins the page asks when somebody signs in at an identity provider: the issuer's, and that of its token endpoint,
 * which its discovery document names and which may be another.
 * @module
 */

import { discover } from "../identity/discovery.ts";
import type { FetchDocument } from "../identity/fetch_document.ts";
import type { IdentityProvider } from "../identity/identity_provider.ts";
import { LIMITS } from "../limits.ts";
import type { Logger } from "../observability/log.ts";
import { parseOrigin } from "../s3/form_redirect.ts";

/** What is known of one provider. */
interface Known {
  endpoint: string | undefined;
  foundMs: number;
  triedMs: number;
  pending: Promise<void> | undefined;
}

/** What {@linkcode ProviderOrigins} needs. */
export interface ProviderOriginsOptions {
  readonly fetchDocument: FetchDocument;
  /** Milliseconds on a clock that never jumps. */
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

/** Those of all providers of the console. */
export class ProviderOrigins {
  readonly #options: ProviderOriginsOptions;
  readonly #known = new Map<string, Known>();
  #providers: readonly IdentityProvider[] = [];

  constructor(options: ProviderOriginsOptions) {
    this.#options = options;
  }

  /** As far as they are known. */
  get list(): readonly string[] {
    const all = this.#providers.flatMap(({ issuer }) => [
      parseOrigin(issuer) ?? [],
      this.#known.get(issuer)?.endpoint ?? [],
    ]);
    return [...new Set(all.flat())];
  }

  /** Has it find those of `providers` from now on. */
  reconfigure(providers: readonly IdentityProvider[]): void {
    this.#providers = providers;
    const issuers = new Set(providers.map(({ issuer }) => issuer));
    for (const issuer of this.#known.keys()) if (!issuers.has(issuer)) this.#known.delete(issuer);
    void this.refresh();
  }

  /** Resolves when each provider was asked once; what is known already is renewed in the background. Never rejects. */
  async refresh(): Promise<void> {
    await Promise.all(this.#providers.map((provider) => this.#refresh(provider)));
  }

  #refresh(provider: IdentityProvider): Promise<void> | undefined {
    const known = this.#known.get(provider.issuer) ??
      { endpoint: undefined, foundMs: -Infinity, triedMs: -Infinity, pending: undefined };
    this.#known.set(provider.issuer, known);
    const nowMs = this.#options.monotonicMs();
    const isDue = nowMs - known.foundMs > LIMITS.keySetFreshMs &&
      nowMs - known.triedMs > LIMITS.keySetRetryMs;
    if (isDue && known.pending === undefined) {
      known.triedMs = nowMs;
      known.pending = this.#ask(provider, known).finally(() => known.pending = undefined);
    }
    return known.endpoint === undefined ? known.pending : undefined;
  }

  async #ask(provider: IdentityProvider, known: Known): Promise<void> {
    const { fetchDocument, logger, monotonicMs } = this.#options;
    try {
      const { token_endpoint: endpoint } = await discover(provider, fetchDocument);
      const origin = typeof endpoint === "string" ? parseOrigin(endpoint) : undefined;
      if (origin === undefined) throw new Error("its discovery document has no token_endpoint");
      if (!origin.startsWith("https:") && !provider.allowsPrivateAddresses) {
        throw new Error("its token_endpoint is not https");
      }
      known.endpoint = origin;
      known.foundMs = monotonicMs();
    } catch (error) {
      const { issuer } = provider;
      logger.warn("an identity provider does not say where its tokens are", {
        issuer,
        error: String(error),
      });
    }
  }
}
