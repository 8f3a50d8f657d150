/**
 * The two documents of an identity provider that logging in takes: where its endpoints are, and tokens.
 * See {@link https://openid.net/specs/openid-connect-discovery-1_0.html} and
 * {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 RFC 6749 §5}.
 * @module
 */

import { isMapping } from "../../config/data.ts";
import type { ProviderAnswer } from "../../identity/fetch_document.ts";
import { LIMITS } from "../../limits.ts";
import { isAddress } from "./address.ts";
import { LoginError, quoteForeign } from "./login_error.ts";

/** GET, or POST of `form`; rejects where no answer comes. */
export type Ask = (uri: string, form?: URLSearchParams) => Promise<ProviderAnswer>;

/** An identity provider, as a client of it meets it. */
export interface OAuthClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
}

/** Where its endpoints are. */
export interface Endpoints {
  readonly deviceAuthorization: string;
  readonly token: string;
}

/** What a token endpoint gives. */
export interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
}

/** An answer's members; without any for what is no JSON. */
export type Members = Readonly<Record<string, unknown>>;

/** @throws {LoginError} Where the issuer is not there, or no provider that people without a browser can log in at. */
export async function findEndpoints({ issuer }: OAuthClient, ask: Ask): Promise<Endpoints> {
  const at = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { status, members } = await askFor(ask, { uri: at });
  if (status !== 200) throw new LoginError(`${at} answers ${status}`);
  if (members["issuer"] !== issuer) {
    const named = quoteForeign(members["issuer"]);
    throw new LoginError(`The issuer at ${issuer} calls itself "${named}", which it must not`);
  }
  return {
    deviceAuthorization: readEndpoint(members, "device_authorization_endpoint"),
    token: readEndpoint(members, "token_endpoint"),
  };
}

function readEndpoint(members: Members, name: string): string {
  const uri = members[name];
  if (typeof uri === "string" && isAddress(uri)) return uri;
  throw new LoginError(
    uri === undefined
      ? `The issuer has no ${name}: people cannot log in there with a device code`
      : `The issuer's ${name} is no URL of https`,
  );
}

/** Tokens for a refresh token; `undefined` where that does not hold any more. */
export async function renewTokens(
  refreshToken: string,
  { client: { clientId }, endpoints, ask }: { client: OAuthClient; endpoints: Endpoints; ask: Ask },
): Promise<Tokens | undefined> {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: clientId,
  });
  const { status, members } = await askFor(ask, { uri: endpoints.token, form });
  if (status >= 500) throw new LoginError(`The issuer answers ${status}`, { kind: "unreachable" });
  return status === 200 ? readTokens(members) : undefined;
}

/** @throws {LoginError} Where there is no identity token among them. */
export function readTokens({ id_token: idToken, refresh_token: refreshToken }: Members): Tokens {
  if (typeof idToken !== "string" || idToken.length > LIMITS.webIdentityTokenCharactersMax) {
    throw new LoginError('The issuer gives no id_token: is "openid" in --scope?');
  }
  return { idToken, refreshToken: typeof refreshToken === "string" ? refreshToken : undefined };
}

/** @throws {LoginError} `unreachable`. */
export async function askFor(
  ask: Ask,
  { uri, form }: { uri: string; form?: URLSearchParams },
): Promise<{ status: number; members: Members }> {
  try {
    const { status, text } = await ask(uri, form);
    return { status, members: parseMembers(text) };
  } catch (cause) {
    const why = cause instanceof Error ? quoteForeign(cause.message) : "unknown";
    throw new LoginError(`Cannot reach ${uri}: ${why}`, { kind: "unreachable", cause });
  }
}

function parseMembers(text: string): Members {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : {};
  } catch {
    return {};
  }
}
