/**
 * What is known of each kind of store: measured on the version beside it by `s3-proxy probe`, or, for `aws`, documented.
 * @module
 */

import type { Capabilities, ConditionName, KeptHeader, SettingName } from "./capabilities.ts";
import { CHECKSUMS, CONDITIONS, ENCRYPTIONS, KEPT_HEADERS, SETTINGS } from "./capabilities.ts";

/** `backend.kind`. */
export const BACKEND_KINDS = [
  "ceph",
  "aws",
  "minio",
  "seaweedfs",
  "garage",
  "versitygw",
  "rclone",
  "s3proxy",
  "moto",
  "other",
] as const;

/** One of {@linkcode BACKEND_KINDS}. */
export type BackendKind = typeof BACKEND_KINDS[number];

/** Which version the facts were measured on. */
export const MEASURED_ON: Readonly<Record<BackendKind, string>> = {
  ceph: "Ceph RADOS Gateway 16.2.15",
  aws: "not measured: Amazon's documentation of 2026",
  minio: "MinIO 2026-02-12",
  seaweedfs: "SeaweedFS 2026-11-09",
  garage: "Garage 2.5.0",
  versitygw: "versitygw 1.8.0, posix",
  rclone: "rclone 1.76.0 serve s3",
  s3proxy: "gaul s3proxy 4.1.0, filesystem-nio2",
  moto: "moto 5.2.5",
  other: "nothing is known",
};

/** What nobody has to be told to be safe: every guard is up, and nothing is trusted. */
const UNKNOWN: Capabilities = {
  keys: "folded",
  conditions: [],
  conditions_with_versions: false,
  if_range: false,
  part_number: false,
  keeps: [],
  metadata_names: "dashes",
  encryption: [],
  encryption_told: true,
  checksums: [],
  checksum_trailers: false,
  checksum_parts: false,
  payload_hash: false,
  settings: [],
  settings_read: SETTINGS,
  versions: false,
  copy_source: "twice",
  put_makes_buckets: true,
  reserved_buckets: [],
  reserved_prefixes: [],
};

/** What most stores do, as AWS does. */
const USUAL: Capabilities = {
  ...UNKNOWN,
  conditions_with_versions: true,
  part_number: true,
  metadata_names: "exact",
  settings_read: [],
  versions: true,
  copy_source: "once",
  put_makes_buckets: false,
};

const WRITES: readonly ConditionName[] = [
  "put.if-none-match",
  "put.if-match",
  "complete.if-none-match",
  "complete.if-match",
  "copy.source-if",
];
const SETTINGS_OF_CEPH: readonly SettingName[] = SETTINGS.filter((name) =>
  name !== "accelerate" && name !== "encryption" && name !== "ownershipControls"
);

/** The facts of each kind. */
export const PRESETS: Readonly<Record<BackendKind, Capabilities>> = {
  other: UNKNOWN,
  ceph: {
    ...UNKNOWN,
    keys: "exact",
    conditions: ["put.if-none-match", "put.if-match"],
    keeps: ["put.tags", "put.locks"],
    encryption: ENCRYPTIONS,
    encryption_told: false,
    payload_hash: true,
    settings: SETTINGS_OF_CEPH,
    settings_read: [],
    versions: true,
    put_makes_buckets: false,
  },
  aws: {
    ...USUAL,
    keys: "exact",
    conditions: [...WRITES, "delete.if-match"],
    if_range: true,
    keeps: KEPT_HEADERS,
    encryption: ENCRYPTIONS,
    checksums: CHECKSUMS,
    checksum_trailers: true,
    checksum_parts: true,
    payload_hash: true,
    settings: SETTINGS,
  },
  minio: {
    ...USUAL,
    conditions: WRITES,
    keeps: KEPT_HEADERS,
    checksums: CHECKSUMS,
    checksum_trailers: true,
    checksum_parts: true,
    payload_hash: true,
    settings: [
      "lifecycle",
      "notification",
      "object-legal-hold",
      "object-lock",
      "object-retention",
      "object-tagging",
      "policy",
      "replication",
      "tagging",
      "versioning",
    ],
    settings_read: [
      "acl",
      "cors",
      "encryption",
      "logging",
      "object-acl",
      "policyStatus",
      "website",
    ],
    reserved_prefixes: [".minio.sys/"],
  },
  seaweedfs: {
    ...USUAL,
    conditions: [...WRITES, "copy.if-none-match", "copy.if-match", "delete.if-match"],
    keeps: KEPT_HEADERS,
    checksums: CHECKSUMS,
    checksum_trailers: true,
    payload_hash: true,
    settings: [
      "cors",
      "encryption",
      "lifecycle",
      "object-legal-hold",
      "object-lock",
      "object-retention",
      "object-tagging",
      "ownershipControls",
      "publicAccessBlock",
      "tagging",
      "versioning",
    ],
    settings_read: ["acl", "object-acl"],
    put_makes_buckets: true,
    reserved_prefixes: [".uploads/", ".versions/"],
  },
  garage: {
    ...USUAL,
    conditions: ["copy.source-if"],
    checksums: CHECKSUMS,
    checksum_parts: true,
    settings: ["cors", "lifecycle"],
    settings_read: ["acl", "versioning"],
    versions: false,
    copy_source: "twice",
  },
  versitygw: {
    ...USUAL,
    conditions: [...WRITES, "delete.if-match"],
    keeps: KEPT_HEADERS,
    checksums: CHECKSUMS,
    checksum_trailers: true,
    checksum_parts: true,
    payload_hash: true,
    settings: [
      "cors",
      "object-legal-hold",
      "object-lock",
      "object-retention",
      "object-tagging",
      "ownershipControls",
      "tagging",
      "versioning",
    ],
    settings_read: ["acl", "policy", "policyStatus"],
    reserved_prefixes: [".sgwtmp/"],
  },
  rclone: {
    ...USUAL,
    conditions: [...WRITES, "delete.if-match"],
    keeps: ["put.tags", "create.tags", "copy.tags"],
    checksums: CHECKSUMS,
    settings: ["object-tagging"],
    settings_read: ["acl", "object-acl", "versioning"],
  },
  s3proxy: {
    ...USUAL,
    conditions: [...WRITES, "delete.if-match"],
    part_number: false,
    checksums: CHECKSUMS,
    settings: [],
    settings_read: ["acl", "object-acl"],
    reserved_prefixes: [".mpus-"],
  },
  moto: {
    ...USUAL,
    conditions: ["put.if-none-match", "put.if-match", "complete.if-none-match", "delete.if-match"],
    keeps: ["put.tags", "create.tags"],
    settings: [
      "accelerate",
      "cors",
      "encryption",
      "lifecycle",
      "object-acl",
      "object-tagging",
      "ownershipControls",
      "publicAccessBlock",
      "tagging",
      "versioning",
    ],
    reserved_buckets: ["moto-api"],
  },
};

/** What `backend.trust_preconditions` has always meant, but for the conditions on what a CopyObject overwrites. */
export const TRUSTED: { conditions: readonly ConditionName[]; keeps: readonly KeptHeader[] } = {
  conditions: CONDITIONS.filter((name) =>
    name !== "copy.if-match" && name !== "copy.if-none-match"
  ),
  keeps: KEPT_HEADERS,
};
