/**
 * What a storage backend does of S3: named facts, one documented line each. The rest of the program reads these, and never
 * asks which store it is. A kind presets them (presets.ts), `backend.capabilities` sets single ones, `s3-proxy probe` measures
 * them all on the backend itself.
 * @module
 */

/** A fact that the configuration can set, in its words; `meaning` is one line of docs/BACKENDS.md and of the probe. */
export type Fact =
  | { readonly kind: "flag"; readonly meaning: string }
  | { readonly kind: "choice"; readonly values: readonly string[]; readonly meaning: string }
  | { readonly kind: "names"; readonly values: readonly string[]; readonly meaning: string }
  | { readonly kind: "texts"; readonly meaning: string };

/** Conditions by operation. `copy.if-*` are those on what a CopyObject overwrites, `copy.source-if` those on its source. */
export const CONDITIONS = [
  "put.if-none-match",
  "put.if-match",
  "complete.if-none-match",
  "complete.if-match",
  "copy.if-none-match",
  "copy.if-match",
  "copy.source-if",
  "delete.if-match",
  "dates",
] as const;

/** What an object gets by a header of the request that makes it. */
export const KEPT_HEADERS = [
  "put.tags",
  "put.locks",
  "create.tags",
  "create.locks",
  "copy.tags",
  "copy.locks",
] as const;

/** `x-amz-server-side-encryption`'s values, and keys that come with the request (SSE-C). */
export const ENCRYPTIONS = ["AES256", "aws:kms", "aws:kms:dsse", "customer-key"] as const;

/** As `x-amz-sdk-checksum-algorithm` names them. */
export const CHECKSUMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

/** Settings of buckets by their subresource, and of objects with `object-` before it. */
export const SETTINGS = [
  "accelerate",
  "acl",
  "cors",
  "encryption",
  "lifecycle",
  "logging",
  "notification",
  "object-acl",
  "object-legal-hold",
  "object-lock",
  "object-retention",
  "object-tagging",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "replication",
  "requestPayment",
  "tagging",
  "versioning",
  "website",
] as const;

/** One of {@linkcode CONDITIONS}. */
export type ConditionName = typeof CONDITIONS[number];
/** One of {@linkcode KEPT_HEADERS}. */
export type KeptHeader = typeof KEPT_HEADERS[number];
/** One of {@linkcode ENCRYPTIONS}. */
export type EncryptionName = typeof ENCRYPTIONS[number];
/** One of {@linkcode CHECKSUMS}. */
export type ChecksumName = typeof CHECKSUMS[number];
/** One of {@linkcode SETTINGS}. */
export type SettingName = typeof SETTINGS[number];

/** All facts of one backend; {@linkcode FACTS} says what each means. */
export interface Capabilities {
  readonly keys: "exact" | "folded";
  readonly conditions: readonly ConditionName[];
  readonly conditions_with_versions: boolean;
  readonly if_range: boolean;
  readonly part_number: boolean;
  readonly keeps: readonly KeptHeader[];
  readonly metadata_names: "exact" | "dashes";
  readonly encryption: readonly EncryptionName[];
  readonly encryption_told: boolean;
  readonly checksums: readonly ChecksumName[];
  readonly checksum_trailers: boolean;
  readonly checksum_parts: boolean;
  readonly payload_hash: boolean;
  readonly settings: readonly SettingName[];
  readonly settings_read: readonly SettingName[];
  readonly versions: boolean;
  readonly upload_keys: boolean;
  readonly copy_source: "once" | "twice";
  readonly put_makes_buckets: boolean;
  readonly reserved_buckets: readonly string[];
  readonly reserved_prefixes: readonly string[];
}

/** The facts by the names that the configuration has for them. */
export const FACTS: Readonly<Record<keyof Capabilities, Fact>> = {
  keys: {
    kind: "choice",
    values: ["exact", "folded"],
    meaning:
      "whether a//b, /a, a/, a\\b and a/../b are keys of their own, or may be spellings of others",
  },
  conditions: {
    kind: "names",
    values: CONDITIONS,
    meaning: "conditions that the store holds itself; the proxy holds, or refuses, all others",
  },
  conditions_with_versions: {
    kind: "flag",
    meaning: "it holds those of PutObject in buckets with versions, too",
  },
  if_range: { kind: "flag", meaning: "it answers If-Range; else the proxy asks with If-Match" },
  part_number: { kind: "flag", meaning: "it reads single parts of an object (partNumber)" },
  keeps: {
    kind: "names",
    values: KEPT_HEADERS,
    meaning: "tags and locks that the request making an object can give it; others are refused",
  },
  metadata_names: {
    kind: "choice",
    values: ["exact", "dashes"],
    meaning: "whether a_b comes back as it is, or as a-b",
  },
  encryption: {
    kind: "names",
    values: ENCRYPTIONS,
    meaning: "encryption that it does when asked, or refuses; any other is refused by the proxy",
  },
  encryption_told: {
    kind: "flag",
    meaning: "its answer says how an object was encrypted; one that does not say is 502",
  },
  checksums: {
    kind: "names",
    values: CHECKSUMS,
    meaning: "checksums that it stores and returns; each is verified by the proxy in any case",
  },
  checksum_trailers: {
    kind: "flag",
    meaning: "it takes them behind the body (STREAMING-UNSIGNED-PAYLOAD-TRAILER)",
  },
  checksum_parts: {
    kind: "flag",
    meaning: "it keeps those of parts, and of the whole with its type, in uploads in parts",
  },
  payload_hash: {
    kind: "flag",
    meaning: "it holds a body to x-amz-content-sha256, so that what a client signed is passed on",
  },
  settings: {
    kind: "names",
    values: SETTINGS,
    meaning: "settings that can be read and written; writing any other is refused",
  },
  settings_read: {
    kind: "names",
    values: SETTINGS,
    meaning: "settings that can be read only",
  },
  versions: {
    kind: "flag",
    meaning: "a versionId is heeded or refused; where it is not, the proxy answers NoSuchVersion",
  },
  upload_keys: {
    kind: "flag",
    meaning:
      "an uploadId is good for its own key only; else the proxy looks for it among those of the key",
  },
  copy_source: {
    kind: "choice",
    values: ["once", "twice"],
    meaning: "how often UploadPartCopy decodes x-amz-copy-source; twice refuses keys with %",
  },
  put_makes_buckets: {
    kind: "flag",
    meaning: "it makes the bucket of an upload that is not there; the proxy looks first",
  },
  reserved_buckets: {
    kind: "texts",
    meaning: "bucket names that are something else there",
  },
  reserved_prefixes: {
    kind: "texts",
    meaning: "what keys begin with that are the store's own, such as the parts of uploads",
  },
};

/** Whether the store enforces a condition itself. */
export function holds({ conditions }: Pick<Capabilities, "conditions">, name: string): boolean {
  return conditions.some((held) => held === name);
}

/**
 * Whether uploads in parts keep theirs: a part whose checksum came behind it, to a store that takes none there, would be
 * missing in the end.
 */
export function keepsParts({ checksum_parts, checksum_trailers }: Capabilities): boolean {
  return checksum_parts && checksum_trailers;
}
