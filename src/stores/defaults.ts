/**
 * What is assumed of a store until it is measured, and what most stores do.
 * @module
 */

import { type Capabilities, type ConditionName, SETTINGS } from "./capabilities.ts";

/** Safe for every store: every guard is up, and nothing is trusted. */
export const UNKNOWN: Capabilities = {
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
  upload_keys: false,
  copy_source: "twice",
  put_makes_buckets: true,
  reserved_buckets: [],
  reserved_prefixes: [],
};

/** What most stores do, as AWS does. */
export const USUAL: Capabilities = {
  ...UNKNOWN,
  conditions_with_versions: true,
  part_number: true,
  metadata_names: "exact",
  settings_read: [],
  versions: true,
  upload_keys: true,
  copy_source: "once",
  put_makes_buckets: false,
};

/** Conditions that most stores hold. */
export const WRITES: readonly ConditionName[] = [
  "put.if-none-match",
  "put.if-match",
  "complete.if-none-match",
  "complete.if-match",
  "copy.source-if",
];
