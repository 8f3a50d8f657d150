/**
 * SigningKey: derived from a secret for one day, region and service, and cached, because deriving it costs five times
 * what using it does.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (Task 3).
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import type { CredentialScope } from "./credential_scope.ts";
import { HmacSha256Key } from "./hmac_sha256.ts";
import type { SecretAccessKey } from "./secret_access_key.ts";

/** A derived key, which nothing reads out again. */
export class SigningKey {
  readonly #key: HmacSha256Key;

  constructor(bytes: Uint8Array) {
    this.#key = new HmacSha256Key(bytes);
  }

  /** The signature of `stringToSign`, as 64 lower-case hexadecimal digits. */
  sign(stringToSign: string): string {
    return this.#key.signHex(stringToSign);
  }

  /** Whether `signature` is that of `stringToSign`, compared in constant time. */
  verify(stringToSign: string, signature: string): boolean {
    return this.#key.verifyHex(stringToSign, signature);
  }
}

/**
 * Keys by secret, then by scope. The keys of a secret that a reload dropped go with it, because the new snapshot holds
 * other objects: nothing that was signed with it verifies any more.
 */
const cache = new WeakMap<SecretAccessKey, Map<string, SigningKey>>();

/** The key for `scope`; at most {@linkcode LIMITS.signingKeysPerSecretMax} are held for one secret. */
export function deriveSigningKey(secret: SecretAccessKey, scope: CredentialScope): SigningKey {
  let keys = cache.get(secret);
  if (keys === undefined) cache.set(secret, keys = new Map());
  let key = keys.get(scope.text);
  if (key === undefined) {
    const oldest = keys.keys().next().value;
    if (keys.size >= LIMITS.signingKeysPerSecretMax && oldest !== undefined) keys.delete(oldest);
    keys.set(scope.text, key = derive(secret, scope));
  }
  return key;
}

/** 20 bytes, in the one of several ways to write them that encoders have. */
const BASE64_OF_SHA1 = /^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/;

/** Whether `signature` is base64 of HMAC-SHA1 over `stringToSign` with the secret itself: Signature Version 2. */
export function verifyVersion2(
  secret: SecretAccessKey,
  { stringToSign, signature }: { stringToSign: string; signature: string },
): boolean {
  const actual = createHmac("sha1", secret.expose()).update(stringToSign, "latin1").digest();
  if (!BASE64_OF_SHA1.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, "base64"), actual);
}

const tags = new WeakMap<SecretAccessKey, string>();

/** Tells a secret from others that have been the same key's, and tells nothing of it: 11 characters of a digest. */
export function tagSecret(secret: SecretAccessKey): string {
  let tag = tags.get(secret);
  if (tag === undefined) {
    const digest = createHmac("sha256", secret.expose()).update("s3-proxy secret tag").digest();
    tags.set(secret, tag = digest.subarray(0, 8).toString("base64url"));
  }
  return tag;
}

function derive(secret: SecretAccessKey, scope: CredentialScope): SigningKey {
  let key: Uint8Array = encodeUtf8(`AWS4${secret.expose()}`);
  for (const part of [scope.date, scope.region, scope.service, "aws4_request"]) {
    key = new HmacSha256Key(key).sign(part);
  }
  return new SigningKey(key);
}
