/**
 * What is known of each kind of store: measured on the version beside it by `s3-proxy probe`, or, for `aws`, documented.
 * @module
 */

import {
  type Capabilities,
  CHECKSUMS,
  type ConditionName,
  CONDITIONS,
  ENCRYPTIONS,
  KEPT_HEADERS,
  type KeptHeader,
  type SettingName,
  SETTINGS,
} from "./capabilities.ts";
import { UNKNOWN, USUAL, WRITES } from "./defaults.ts";
import { MEASURED } from "./measured.ts";

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

/** Which version the facts are of. */
export const MEASURED_ON: Readonly<Record<BackendKind, string>> = {
  ceph: "Ceph RADOS Gateway 16.2.15",
  aws: "as of 2026",
  minio: "MinIO 2026-02-12",
  seaweedfs: "SeaweedFS 2026-11-09",
  garage: "Garage 2.5.0",
  versitygw: "versitygw 1.8.0, posix",
  rclone: "rclone 1.76.0 serve s3",
  s3proxy: "gaul s3proxy 4.1.0, filesystem-nio2",
  moto: "moto 5.2.5",
  other: "nothing is known",
};

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
    upload_keys: true,
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
  ...MEASURED,
};

/** What `backend.trust_preconditions` has always meant, but for the conditions on what a CopyObject overwrites. */
export const TRUSTED: { conditions: readonly ConditionName[]; keeps: readonly KeptHeader[] } = {
  conditions: CONDITIONS.filter((name) =>
    name !== "copy.if-match" && name !== "copy.if-none-match"
  ),
  keeps: KEPT_HEADERS,
};
