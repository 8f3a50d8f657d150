// @ts-check
/**
 * Signs requests with the key pair that somebody entered. The secret is in this closure and nowhere else: not in the document, not in a
 * store, not in an error. Whoever closes the page has signed out.
 * @module
 */

import { AwsV4Signer } from "./aws4fetch.js";
import { buildObjectUrl } from "./object_url.js";

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * What {@link createSession} takes. `sessionToken` and `expiresAt` come with a role's temporary key pair.
 *
 * @typedef {object} KeyPair
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} [sessionToken]
 * @property {Date} [expiresAt]
 * @property {string} [role]
 */

/**
 * @typedef {object} S3Request
 * @property {string} [method] `GET` if there is none
 * @property {string} [bucket]
 * @property {string} [key]
 * @property {Readonly<Record<string, string>>} [query]
 * @property {Readonly<Record<string, string>>} [headers]
 * @property {BodyInit | null} [body]
 */

/** @typedef {{method: string, url: string, headers: Headers}} SignedRequest */

/**
 * What the page needs of a signed-in user; never the secret.
 *
 * @typedef {object} Session
 * @property {string} accessKeyId
 * @property {string} endpoint of S3, without a slash at its end
 * @property {string} region
 * @property {Date | undefined} expiresAt
 * @property {string | undefined} role
 * @property {(request: S3Request) => Promise<SignedRequest>} signS3
 * @property {(request: S3Request, life: {expiresSeconds: number}) => Promise<string>} presign
 * @property {(path: string, method?: string) => Promise<SignedRequest>} signConsole
 */

/**
 * @param {KeyPair} pair
 * @param {{s3: {endpoint: string, region: string}, api: {service: string, region: string}}} places
 * @returns {Session}
 */
export function createSession(pair, { s3: { endpoint, region }, api }) {
  const { accessKeyId, secretAccessKey, sessionToken } = pair;
  const cache = new Map();
  const token = sessionToken === undefined ? {} : { sessionToken };
  const keys = { accessKeyId, secretAccessKey, ...token, region, cache };

  /** @type {Session["signS3"]} */
  const signS3 = async ({ method = "GET", bucket, key, query, headers = {} }) => {
    const url = buildObjectUrl({ endpoint, bucket, key, query });
    const signed = await new AwsV4Signer({ ...keys, service: "s3", method, url, headers }).sign();
    return { method, url, headers: signed.headers };
  };

  /** @type {Session["presign"]} */
  const presign = async ({ method = "GET", bucket, key, query }, { expiresSeconds }) => {
    const all = { ...query, "X-Amz-Expires": String(expiresSeconds) };
    const url = buildObjectUrl({ endpoint, bucket, key, query: all });
    const signed = await new AwsV4Signer({ ...keys, service: "s3", method, url, signQuery: true })
      .sign();
    return signed.url.href;
  };

  /** @type {Session["signConsole"]} */
  const signConsole = async (path, method = "GET") => {
    const url = new URL(path, location.origin).href;
    const headers = { "x-amz-content-sha256": EMPTY_SHA256 };
    const signed = await new AwsV4Signer({ ...keys, ...api, method, url, headers }).sign();
    return { method, url, headers: signed.headers };
  };

  const { expiresAt, role } = pair;
  return Object.freeze({
    accessKeyId,
    endpoint,
    region,
    expiresAt,
    role,
    signS3,
    presign,
    signConsole,
  });
}
