/**
 * What becomes of each request header: the outbound request is built from those that say `forward`, and nothing else.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonRequestHeaders.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import { CHECKSUM_ALGORITHMS, checksumHeader } from "./checksum_algorithm.ts";
import { S3Error } from "./error.ts";

/** `forward`: to the backend, as it came · `consume`: done by the proxy · `drop`: of no meaning behind it. */
export type HeaderFate = "forward" | "consume" | "drop";

const FORWARDED = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-md5",
  "content-type",
  "expires",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "range",
  "x-amz-acl",
  "x-amz-bucket-object-lock-enabled",
  "x-amz-bypass-governance-retention",
  "x-amz-copy-source",
  "x-amz-copy-source-if-match",
  "x-amz-copy-source-if-modified-since",
  "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-unmodified-since",
  "x-amz-copy-source-range",
  "x-amz-copy-source-server-side-encryption-customer-algorithm",
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key-md5",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
  "x-amz-metadata-directive",
  "x-amz-object-lock-legal-hold",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
  "x-amz-server-side-encryption-context",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-server-side-encryption-customer-key",
  "x-amz-server-side-encryption-customer-key-md5",
  "x-amz-storage-class",
  "x-amz-tagging",
  "x-amz-tagging-directive",
  "x-amz-website-redirect-location",
]);

const CONSUMED = new Set([
  "authorization",
  "content-length",
  "date",
  "host",
  "x-amz-content-sha256",
  "x-amz-date",
  // Which version of the API the SDK for C++ was made for: there is one.
  "x-amz-api-version",
  // Compared with what this proxy shows as the owner of a bucket: the user itself.
  "x-amz-expected-bucket-owner",
  "x-amz-source-expected-bucket-owner",
  // Accepted where it says what is true here anyway, and answered: see lifecycle.ts and public_access.ts.
  "x-amz-object-ownership",
  "x-amz-transition-default-minimum-object-size",
  // They ask the store to skip checks that no known backend makes. They are not passed on, so a backend that makes them goes on.
  "x-amz-bucket-object-lock-token",
  "x-amz-confirm-remove-self-bucket-access",
  "x-amz-skip-destination-validation",
  // Checksums are verified here: RGW neither checks nor stores them.
  ...CHECKSUM_ALGORITHMS.map(checksumHeader),
  "x-amz-checksum-algorithm",
  "x-amz-checksum-mode",
  "x-amz-checksum-type",
  "x-amz-decoded-content-length",
  "x-amz-sdk-checksum-algorithm",
  // A session's, proven where signatures are verified.
  "x-amz-security-token",
  "x-amz-trailer",
  // Who pays is the master's account in any case.
  "x-amz-request-payer",
  // The restore state of listed objects, which mountpoint-s3 asks for. RGW has none.
  "x-amz-optional-object-attributes",
  // The size that a completed upload is to have, from the SDK for Java. It is not verified, because RGW does not tell the parts' sizes in time.
  "x-amz-mp-object-size",
  // GetObjectAttributes is answered here, from a HEAD.
  "x-amz-max-parts",
  "x-amz-object-attributes",
  "x-amz-part-number-marker",
  // An MD5 behind the body of a GET, which the SDK for Java asks for, and does without where none comes.
  "x-amz-te",
  "x-amz-user-agent",
]);

/** Of no meaning when they are empty, as aws-cli's `--acl ""` and Velero's tags are: then they are not there. */
const NONE_WHEN_EMPTY = new Set([
  "x-amz-acl",
  "x-amz-expected-bucket-owner",
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
  "x-amz-object-ownership",
  "x-amz-source-expected-bucket-owner",
  "x-amz-storage-class",
  "x-amz-tagging",
  "x-amz-transition-default-minimum-object-size",
  "x-amz-website-redirect-location",
]);

const METADATA_PREFIX = "x-amz-meta-";
/**
 * Metadata that are none: with them MinIO, and those who follow it, unpack an upload into objects of any key, which nobody has
 * decided on. On S3 itself they are metadata.
 */
const UNPACKING = /^x-amz-meta-(?:minio[-_])?snowball[-_]/;
/** Names by which RGW and Swift are reached around S3. */
const REFUSED_PREFIXES = ["x-amz-", "x-rgw-", "rgwx-", "x-auth-", "x-object-", "x-container-"];

/**
 * Looks a header up by its lower-case name.
 * @throws {S3Error} `NotImplemented`, naming it, for an `x-amz-*` header that asks for what is not done here.
 */
export function headerFate(name: string): HeaderFate {
  if (FORWARDED.has(name) || isMetadata(name) && !UNPACKING.test(name)) return "forward";
  if (CONSUMED.has(name)) return "consume";
  if (REFUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    throw new S3Error("NotImplemented", {
      message: `A header you provided implies functionality that is not implemented: ${name}`,
      detail: { Header: name },
    });
  }
  return "drop";
}

/**
 * Judges every header, and leaves out those that are empty and then mean nothing.
 * @throws {S3Error} as {@linkcode headerFate}.
 */
export function verifyHeaders(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  let kept: Map<string, string> | undefined;
  for (const [name, value] of headers) {
    headerFate(name);
    if (value !== "" || !NONE_WHEN_EMPTY.has(name)) continue;
    kept ??= new Map(headers);
    kept.delete(name);
  }
  return kept ?? headers;
}

function isMetadata(name: string): boolean {
  return name.startsWith(METADATA_PREFIX) && name.length > METADATA_PREFIX.length;
}

/** Whether a CopyObject takes neither metadata nor tags from its source, on S3 and on RGW. */
export function replacesAll(headers: ReadonlyMap<string, string>): boolean {
  return headers.get("x-amz-metadata-directive") === "REPLACE" &&
    headers.get("x-amz-tagging-directive") === "REPLACE";
}

/**
 * Holds user metadata within what can be read back.
 * @throws {S3Error} `MetadataTooLarge` above {@linkcode LIMITS.metadataBytesMax}; `InvalidRequest` for two names that are one
 *   to the store, as to RGW: `a_b` and `a-b`.
 */
export function verifyMetadata(
  headers: ReadonlyMap<string, string>,
  { metadata_names }: Pick<Capabilities, "metadata_names">,
): void {
  const names: string[] = [];
  let bytes = 0;
  for (const [name, value] of headers) {
    if (!isMetadata(name)) continue;
    names.push(metadata_names === "exact" ? name : name.replaceAll("_", "-"));
    bytes += name.length - METADATA_PREFIX.length + value.length;
  }
  if (new Set(names).size < names.length) {
    throw new S3Error("InvalidRequest", {
      message:
        "Two x-amz-meta-* headers differ in - and _ only, which the storage backend does not tell apart.",
    });
  }
  if (bytes > LIMITS.metadataBytesMax) {
    throw new S3Error("MetadataTooLarge", {
      detail: { MaxSizeAllowed: String(LIMITS.metadataBytesMax), Size: String(bytes) },
    });
  }
}
