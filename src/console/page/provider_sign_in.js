// @ts-check
/**
 * Signing in at an identity provider, as a public client with PKCE (RFC 7636), and taking a role with its ID token. What waits for the
 * answer, a verifier that is good once, is in this tab's sessionStorage while the tab is at the provider.
 * @module
 */

import { readFailure, S3Failure } from "./s3_failure.js";
import { parseXml, textOf } from "./s3_xml.js";

/** @typedef {import("./bootstrap.js").Provider} Provider */
/** @typedef {{provider: Provider, idToken: string}} Grant */

const PENDING = "pending-sign-in";
const TOKEN_BYTES = 32;

/**
 * Leaves for the provider's page.
 *
 * @param {Provider} provider
 */
export async function startProviderSignIn(provider) {
  const { authorization_endpoint: endpoint } = await discover(provider);
  const [verifier, state, nonce] = [makeToken(), makeToken(), makeToken()];
  sessionStorage.setItem(
    PENDING,
    JSON.stringify({ issuer: provider.issuer, verifier, state, nonce }),
  );
  const url = new URL(endpoint);
  const parameters = {
    response_type: "code",
    client_id: provider.client_id,
    redirect_uri: redirectUri(),
    scope: provider.scopes || "openid",
    state,
    nonce,
    code_challenge: await hash(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new Error("The provider's address is no web address");
  }
  location.assign(url.href);
}

/**
 * Takes up the answer that the address bar brings back.
 *
 * @param {{providers: Provider[]}} bootstrap
 * @returns {Promise<Grant | undefined>} nothing if nobody comes from a provider
 */
export async function finishProviderSignIn({ providers }) {
  const answer = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  if (!answer.has("code") && !answer.has("error")) return undefined;
  history.replaceState(null, "", "/");
  const pending = stored === null ? undefined : JSON.parse(stored);
  const provider = providers.find(({ issuer }) => issuer === pending?.issuer);
  if (provider === undefined || answer.get("state") !== pending.state) {
    throw new Error("This answer of an identity provider was not asked for in this tab");
  }
  if (answer.has("error")) {
    throw new Error(
      `The identity provider says: ${answer.get("error_description") ?? answer.get("error")}`,
    );
  }
  const { token_endpoint: endpoint } = await discover(provider);
  const response = await fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: provider.client_id,
      redirect_uri: redirectUri(),
      code: answer.get("code") ?? "",
      code_verifier: pending.verifier,
    }),
  });
  const tokens = await response.json();
  if (!response.ok) {
    throw new Error(`The identity provider says: ${tokens.error_description ?? tokens.error}`);
  }
  if (readClaims(tokens.id_token)["nonce"] !== pending.nonce) {
    throw new Error("This ID token was not asked for in this tab");
  }
  return { provider, idToken: tokens.id_token };
}

/**
 * AssumeRoleWithWebIdentity at the S3 endpoint.
 *
 * @param {Grant} grant
 * @param {{endpoint: string, role: string, accountId: string}} wanted
 * @returns {Promise<import("./session.js").KeyPair>}
 */
export async function assumeRole({ idToken }, { endpoint, role, accountId }) {
  const response = await fetch(`${endpoint}/`, {
    method: "POST",
    credentials: "omit",
    body: new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: `arn:aws:iam::${accountId}:role/${role}`,
      RoleSessionName: "console",
      WebIdentityToken: idToken,
    }),
  });
  const text = await response.text();
  if (!response.ok) throw readStsFailure(text, response);
  const [result] = parseXml(text).children.filter(({ name }) =>
    name === "AssumeRoleWithWebIdentityResult"
  );
  const pair = result?.children.find(({ name }) => name === "Credentials");
  if (pair === undefined) throw new Error("The answer has no credentials");
  return {
    accessKeyId: textOf(pair, "AccessKeyId"),
    secretAccessKey: textOf(pair, "SecretAccessKey"),
    sessionToken: textOf(pair, "SessionToken"),
    expiresAt: new Date(textOf(pair, "Expiration")),
    role,
  };
}

/**
 * STS puts its code one level deeper than S3.
 *
 * @param {string} text
 * @param {Response} response
 */
function readStsFailure(text, { status, headers }) {
  const requestId = headers.get("x-amz-request-id") ?? headers.get("x-amzn-requestid") ?? "";
  try {
    const error = parseXml(text).children.find(({ name }) => name === "Error");
    if (error !== undefined) {
      return new S3Failure({
        code: textOf(error, "Code"),
        message: textOf(error, "Message"),
        status,
        requestId,
      });
    }
  } catch {
    // as S3 says it, then
  }
  return readFailure({ status, text, requestId });
}

/**
 * @param {Provider} provider
 * @returns {Promise<{authorization_endpoint: string, token_endpoint: string}>}
 */
async function discover({ issuer }) {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(url, { credentials: "omit" });
  if (!response.ok) throw new Error(`The identity provider answers ${response.status} to ${url}`);
  return await response.json();
}

function redirectUri() {
  return `${location.origin}/`;
}

function makeToken() {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

/** @param {string} text */
async function hash(text) {
  return toBase64Url(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  );
}

/** @param {Uint8Array} bytes */
function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(
    /=+$/,
    "",
  );
}

/**
 * The proxy proves the token; the page only looks whether it is the one it asked for.
 *
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
function readClaims(token) {
  const [, payload = ""] = token.split(".");
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
}
