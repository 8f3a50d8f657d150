/**
 * What an identity provider says of itself.
 * See {@link https://openid.net/specs/openid-connect-discovery-1_0.html}, §4.
 * @module
 */

import type { FetchDocument } from "./fetch_document.ts";
import type { IdentityProvider } from "./identity_provider.ts";

/** Members of its discovery document. @throws {Error} for one that names another issuer, and where there is none. */
export async function discover(
  provider: Pick<IdentityProvider, "issuer" | "authorities" | "allowsPrivateAddresses">,
  fetchDocument: FetchDocument,
): Promise<Readonly<Record<string, unknown>>> {
  const { issuer } = provider;
  const place = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  const text = await fetchDocument(`${place}/.well-known/openid-configuration`, provider);
  const document = readMembers(JSON.parse(text));
  // §4.3: they MUST be the same.
  if (document["issuer"] !== issuer) {
    throw new Error("its discovery document names another issuer");
  }
  return document;
}

/** Those of an object; none of anything else. */
export function readMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
