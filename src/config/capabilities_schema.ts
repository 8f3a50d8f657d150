/**
 * `backend.kind` and `backend.capabilities`: the facts of the store, as the file says them.
 * @module
 */

import { z } from "zod";
import {
  type Capabilities,
  CHECKSUMS,
  CONDITIONS,
  ENCRYPTIONS,
  KEPT_HEADERS,
  SETTINGS,
} from "../stores/capabilities.ts";
import { type BackendKind, PRESETS, TRUSTED } from "../stores/presets.ts";
import { optionalSection, pattern } from "./fields.ts";

/** What the file says of single facts; each stands in the place of the kind's own. */
export type OwnCapabilities = {
  readonly [Name in keyof Capabilities]?: Capabilities[Name] | undefined;
};

/** A fact of yes or no. */
const FLAG = z.boolean().optional();

/** `backend.capabilities`. */
export const CAPABILITIES_SCHEMA: z.ZodType<OwnCapabilities> = optionalSection({
  keys: z.enum(["exact", "folded"]).optional(),
  conditions: z.array(z.enum(CONDITIONS)).optional(),
  conditions_with_versions: FLAG,
  if_range: FLAG,
  part_number: FLAG,
  keeps: z.array(z.enum(KEPT_HEADERS)).optional(),
  metadata_names: z.enum(["exact", "dashes"]).optional(),
  encryption: z.array(z.enum(ENCRYPTIONS)).optional(),
  encryption_told: FLAG,
  checksums: z.array(z.enum(CHECKSUMS)).optional(),
  checksum_trailers: FLAG,
  checksum_parts: FLAG,
  payload_hash: FLAG,
  settings: z.array(z.enum(SETTINGS)).optional(),
  settings_read: z.array(z.enum(SETTINGS)).optional(),
  versions: FLAG,
  upload_keys: FLAG,
  copy_source: z.enum(["once", "twice"]).optional(),
  put_makes_buckets: FLAG,
  reserved_buckets: z.array(pattern(/^[^/]+$/, "a bucket's name")).optional(),
  reserved_prefixes: z.array(pattern(/^[^/]/, "what keys begin with, without a slash before it"))
    .optional(),
});

/** The facts of `kind`, with what the file says otherwise: its older names first, `backend.capabilities` last. */
export function resolveCapabilities(
  kind: BackendKind,
  { trustPreconditions, keys, own }: {
    trustPreconditions: boolean;
    keys: Capabilities["keys"] | undefined;
    own: OwnCapabilities;
  },
): Capabilities {
  const preset = PRESETS[kind];
  const trusted = trustPreconditions
    ? {
      conditions: [...new Set([...preset.conditions, ...TRUSTED.conditions])],
      conditions_with_versions: true,
      keeps: TRUSTED.keeps,
    }
    : {};
  const said = Object.entries(own).filter(([, value]) => value !== undefined);
  return {
    ...preset,
    ...trusted,
    ...(keys === undefined ? {} : { keys }),
    ...Object.fromEntries(said),
  };
}
