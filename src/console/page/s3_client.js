// @ts-check
/**
 * The operations of S3 that the page uses, named as S3 names them.
 * @module
 */

import { buildObjectUrl } from "./object_url.js";
import { buildNetworkFailure, readFailure } from "./s3_failure.js";
import { childrenOf, parseXml, textOf } from "./s3_xml.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").S3Request} S3Request */
/** @typedef {import("./s3_xml.js").XmlElement} XmlElement */

/**
 * An object of a listing. `name` is the key.
 *
 * @typedef {{key: string, size: number, modified: Date, etag: string, storageClass: string}} ListedObject
 * @typedef {{key: string, versionId: string, latest: boolean, deleted: boolean, size: number, modified: Date}} ListedVersion
 *
 * What the next page is asked for with.
 *
 * @typedef {Record<string, string>} Next
 * @typedef {{objects: ListedObject[], prefixes: string[], next: Next | undefined}} ListedPage
 * @typedef {{bucket: string, prefix: string, delimiter?: string, next?: Next | undefined, pageSize?: number}} Listing
 */

/**
 * Sends a signed request.
 *
 * @param {Session} session
 * @param {S3Request & {signal?: AbortSignal}} request
 * @returns {Promise<Response>}
 * @throws {S3Failure}
 */
export async function send(session, request) {
  const { method, url, headers } = await session.signS3(request);
  const { body = null, signal } = request;
  const response = await fetch(url, {
    method,
    headers,
    body,
    signal: signal ?? null,
    cache: "no-store",
    redirect: "error",
    referrerPolicy: "no-referrer",
  }).catch((error) => {
    throw error instanceof TypeError ? buildNetworkFailure() : error;
  });
  if (response.ok) return response;
  const text = await response.text().catch(() => "");
  throw readFailure({
    status: response.status,
    text,
    requestId: response.headers.get("x-amz-request-id"),
  });
}

/**
 * @param {Session} session
 * @param {S3Request} request
 * @returns {Promise<XmlElement>}
 */
export async function sendForXml(session, request) {
  return parseXml(await (await send(session, request)).text());
}

/**
 * @param {Session} session
 * @returns {Promise<{name: string, created: Date}[]>}
 */
export async function listBuckets(session) {
  const root = await sendForXml(session, {});
  return root.children.filter(({ name }) => name === "Buckets").flatMap((buckets) =>
    childrenOf(buckets, "Bucket").map((bucket) => ({
      name: textOf(bucket, "Name"),
      created: new Date(textOf(bucket, "CreationDate")),
    }))
  );
}

/**
 * One page of a folder, or with an empty delimiter of everything below it.
 *
 * @param {Session} session
 * @param {Listing} listing
 * @returns {Promise<ListedPage>}
 */
export async function listObjectsV2(session, listing) {
  const root = await list(session, listing, { "list-type": "2" });
  return {
    objects: childrenOf(root, "Contents").map((object) => ({
      key: nameOf(root, textOf(object, "Key")),
      size: Number(textOf(object, "Size")),
      modified: new Date(textOf(object, "LastModified")),
      etag: textOf(object, "ETag"),
      storageClass: textOf(object, "StorageClass"),
    })),
    prefixes: readPrefixes(root),
    next: readNext(root, { "continuation-token": textOf(root, "NextContinuationToken") }),
  };
}

/**
 * One page of all versions, those of a key newest first; a bucket that never had versions has one of each.
 *
 * @param {Session} session
 * @param {Listing} listing
 * @returns {Promise<{versions: ListedVersion[], prefixes: string[], next: Next | undefined}>}
 */
export async function listObjectVersions(session, listing) {
  const root = await list(session, listing, { versions: "" });
  const versions = root.children
    .filter(({ name }) => name === "Version" || name === "DeleteMarker")
    .map((version) => ({
      key: nameOf(root, textOf(version, "Key")),
      versionId: textOf(version, "VersionId"),
      latest: textOf(version, "IsLatest") === "true",
      deleted: version.name === "DeleteMarker",
      size: Number(textOf(version, "Size")),
      modified: new Date(textOf(version, "LastModified")),
    }));
  const next = {
    "key-marker": nameOf(root, textOf(root, "NextKeyMarker")),
    "version-id-marker": textOf(root, "NextVersionIdMarker"),
  };
  return { versions, prefixes: readPrefixes(root), next: readNext(root, next) };
}

/**
 * @param {Session} session
 * @param {Listing} listing
 * @param {Record<string, string>} kind
 */
function list(session, { bucket, prefix, delimiter = "/", next, pageSize = 1000 }, kind) {
  const query = {
    ...kind,
    "encoding-type": "url",
    "max-keys": String(pageSize),
    prefix,
    ...(delimiter === "" ? {} : { delimiter }),
    ...next,
  };
  return sendForXml(session, { bucket, query });
}

/** @param {XmlElement} root */
function readPrefixes(root) {
  return childrenOf(root, "CommonPrefixes").map((common) => nameOf(root, textOf(common, "Prefix")));
}

/**
 * @param {XmlElement} root
 * @param {Next} next without those that are empty
 * @returns {Next | undefined}
 */
function readNext(root, next) {
  if (textOf(root, "IsTruncated") !== "true") return undefined;
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ""));
}

/**
 * Makes a copy of an older version the latest one, with its metadata.
 *
 * @param {Session} session
 * @param {{bucket: string, key: string, versionId: string}} version
 */
export async function copyVersion(session, { bucket, key, versionId }) {
  const source = buildObjectUrl({ endpoint: "", bucket, key, query: { versionId } });
  await sendForXml(session, {
    method: "PUT",
    bucket,
    key,
    headers: { "x-amz-copy-source": source },
  });
}

/**
 * @param {Session} session
 * @param {{bucket: string, keys: readonly string[]}} objects at most 1000 keys
 * @returns {Promise<{key: string, code: string, message: string}[]>} what was not deleted
 */
export async function deleteObjects(session, { bucket, keys }) {
  const listed = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join("");
  const body =
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${listed}</Delete>`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  const headers = {
    "x-amz-content-sha256": toHex(new Uint8Array(digest)),
    "content-type": "application/xml",
  };
  const root = await sendForXml(session, {
    method: "POST",
    bucket,
    query: { delete: "" },
    headers,
    body,
  });
  return childrenOf(root, "Error").map((error) => ({
    key: textOf(error, "Key"),
    code: textOf(error, "Code"),
    message: textOf(error, "Message"),
  }));
}

/**
 * A name of a list: encoded where the list says so, with `+` for a space. A store may have ignored `encoding-type=url`, and there
 * `%41` is no `A`: what is decoded would be another object's name.
 *
 * @param {XmlElement} root
 * @param {string} text
 */
export function nameOf(root, text) {
  if (textOf(root, "EncodingType").toLowerCase() !== "url") return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** @param {string} text */
export function escapeXml(text) {
  return text.replace(/[&<>"'\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
