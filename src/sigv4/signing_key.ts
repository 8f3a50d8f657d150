/**
 * SigningKey: derived from a secret for one day, region and service; non-extractable, and cached, because deriving it
 * costs ten times what using it does.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (Task 3).
 * @module
 */

import { encodeUtf8, fromHex, toHex } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { type CredentialScope, formatCredentialScope } from "./credential_scope.ts";
import type { SecretAccessKey } from "./secret_access_key.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/**
 * Keys by secret, then by scope. A secret that a reload dropped takes its keys along, because the new snapshot holds
 * other objects: nothing signed with it verifies any more.
 */
const cache = new WeakMap<SecretAccessKey, Map<string, Promise<CryptoKey>>>();

/** The key for `scope`; at most {@linkcode LIMITS.signingKeysPerSecretMax} are held for one secret. */
export function deriveSigningKey(
  secret: SecretAccessKey,
  scope: CredentialScope,
): Promise<CryptoKey> {
  let keys = cache.get(secret);
  if (keys === undefined) cache.set(secret, keys = new Map());
  const name = formatCredentialScope(scope);
  let key = keys.get(name);
  if (key === undefined) {
    const oldest = keys.keys().next().value;
    if (keys.size >= LIMITS.signingKeysPerSecretMax && oldest !== undefined) keys.delete(oldest);
    keys.set(name, key = derive(secret, scope));
  }
  return key;
}

async function derive(secret: SecretAccessKey, scope: CredentialScope): Promise<CryptoKey> {
  let key = await importKey(encodeUtf8(`AWS4${secret.expose()}`));
  for (const part of [scope.date, scope.region, scope.service, "aws4_request"]) {
    key = await importKey(await crypto.subtle.sign("HMAC", key, encodeUtf8(part)));
  }
  return key;
}

function importKey(bytes: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign", "verify"]);
}

/** The signature of `stringToSign`, as 64 lower-case hexadecimal digits. */
export async function signString(key: CryptoKey, stringToSign: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, encodeUtf8(stringToSign))));
}

/** Whether `signature` is that of `stringToSign`, compared in constant time. */
export function verifyString(
  key: CryptoKey,
  { stringToSign, signature }: { stringToSign: string; signature: string },
): Promise<boolean> {
  const bytes = fromHex(signature);
  if (bytes === undefined) return Promise.resolve(false);
  return crypto.subtle.verify("HMAC", key, bytes, encodeUtf8(stringToSign));
}
