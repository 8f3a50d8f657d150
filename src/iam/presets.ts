/**
 * Rights by name, for people: each preset is the list of IAM actions in its row, on the buckets of
 * its grant.
 *
 * With `prefixes`, listings are allowed where their `prefix` starts with one of them, objects where
 * their key does, and nothing else of the bucket but its location. Without, `full` is every action
 * on the bucket and its objects.
 * @module
 */

import { ALL_ACTIONS, OBJECT_ACTIONS, type S3Action } from "./actions.ts";
import { type Condition, requireLike } from "./condition.ts";
import { matchesAllFrom, type Pattern } from "./pattern.ts";
import type { Statement } from "./policy.ts";
import { parseFromTop, type PolicyPlace } from "./policy_error.ts";
import { parsePrefixTemplate, type Template } from "./policy_variables.ts";
import { PREFIX_KEY } from "./request_context.ts";
import {
  ANY_RESOURCE,
  everyObjectOf,
  parseBucketPattern,
  type ResourcePattern,
} from "./resource_pattern.ts";

/** What a grant may say in `access`. */
export const ACCESS_NAMES = [
  "list-only",
  "read-only",
  "read-write",
  "append-only",
  "full",
] as const;

/** One of {@linkcode ACCESS_NAMES}. */
export type Access = typeof ACCESS_NAMES[number];

/** How a grant is read. */
export interface GrantOptions {
  /** The id of its statements: `roles.backup.grants[0]`. */
  readonly id: string;
  /** `backend.relaxed_bucket_names`: bucket names are compared exactly. */
  readonly relaxed: boolean;
}

/** A grant, named as in the configuration. */
export interface Grant {
  readonly access: Access;
  /** Names or patterns of buckets. */
  readonly buckets: readonly string[];
  /** Literal prefixes, in which `${user}` is the user's name; without them the whole bucket. */
  readonly prefixes?: readonly string[] | undefined;
  /** Where `append-only` may delete: a backup tool's `locks/`. */
  readonly deletable_prefixes?: readonly string[] | undefined;
}

/** A preset's actions, by what its grant confines them to. */
interface Preset {
  /** On the bucket; with prefixes, only for a `prefix` under one of them. */
  readonly listing: readonly S3Action[];
  /** On the bucket. */
  readonly bucket: readonly S3Action[];
  /** On objects. */
  readonly object: readonly S3Action[];
  /** On objects that are not there yet. */
  readonly creating: readonly S3Action[];
}

const LISTING: readonly S3Action[] = ["s3:ListBucket", "s3:ListBucketVersions"];
/** Everybody means these by listing … */
export const LISTING_UPLOADS: readonly S3Action[] = [...LISTING, "s3:ListBucketMultipartUploads"];
/** … and these by reading. */
export const READING: readonly S3Action[] = [
  "s3:GetObject",
  "s3:GetObjectAttributes",
  "s3:GetObjectTagging",
  "s3:GetObjectVersion",
  "s3:GetObjectVersionAttributes",
  "s3:GetObjectVersionTagging",
];
/** Parts of writing. */
export const UPLOADS: readonly S3Action[] = [
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];
/** Clients ask for it before anything else, and it says nothing of what the bucket holds. */
export const LOCATION: readonly S3Action[] = ["s3:GetBucketLocation"];
const DELETING: readonly S3Action[] = ["s3:DeleteObject"];

/** access → actions. ACLs, retention, versioning and every bucket setting are in `full` only. */
const PRESETS: Readonly<Record<Access, Preset>> = {
  "list-only": { listing: LISTING, bucket: LOCATION, object: [], creating: [] },
  "read-only": { listing: LISTING, bucket: LOCATION, object: READING, creating: [] },
  "read-write": {
    listing: LISTING_UPLOADS,
    bucket: LOCATION,
    object: [
      ...READING,
      ...UPLOADS,
      "s3:PutObject",
      "s3:PutObjectTagging",
      "s3:DeleteObject",
      "s3:DeleteObjectTagging",
    ],
    creating: [],
  },
  "append-only": {
    listing: LISTING_UPLOADS,
    bucket: LOCATION,
    object: [...READING, ...UPLOADS],
    creating: ["s3:PutObject"],
  },
  "full": {
    listing: LISTING_UPLOADS,
    bucket: LOCATION,
    object: [...OBJECT_ACTIONS],
    creating: [],
  },
};

/**
 * The statements of a grant.
 * @throws {PolicyError} For names no bucket can have, for empty lists and prefixes, for variables
 *   other than `${user}`, and for `deletable_prefixes` that are outside `prefixes` or of another
 *   access than `append-only`.
 */
export function compileGrant(grant: Grant, { id, relaxed }: GrantOptions): Statement[] {
  return parseFromTop((top) => {
    const buckets = parseBuckets(grant.buckets, { place: top.at("buckets"), relaxed });
    if (grant.buckets.length === 0) top.at("buckets").report("Expected at least one bucket");
    const prefixes = parsePrefixes(grant.prefixes, top.at("prefixes"));
    const deletable = parsePrefixes(grant.deletable_prefixes, top.at("deletable_prefixes"));
    checkDeletable(grant, top.at("deletable_prefixes"));
    if (grant.access === "full" && prefixes === undefined) return [allowAll(buckets, id)];
    const { listing, bucket, object, creating } = PRESETS[grant.access];
    const themselves = buckets.map((bucket): ResourcePattern => ({ kind: "bucket", bucket }));
    const objects = prefixes === undefined
      ? buckets.map(everyObjectOf)
      : objectsUnder(prefixes, buckets);
    const confined = prefixes === undefined ? [] : [requireLike(PREFIX_KEY, prefixes)];
    return [
      allow(listing, { id, resources: themselves, conditions: confined }),
      allow(bucket, { id, resources: themselves }),
      allow(object, { id, resources: objects }),
      allow(creating, { id, resources: objects, createOnly: true }),
      allow(DELETING, { id, resources: objectsUnder(deletable ?? [], buckets) }),
    ].filter(({ actions, resources }) => actions.size > 0 && resources.patterns.length > 0);
  });
}

/**
 * The statement of an `allowed_buckets` list: everything on each of them, CreateBucket included;
 * `*` is every bucket and the service itself. An empty list allows nothing.
 * @throws {PolicyError} For names no bucket can have.
 */
export function compileAllowedBuckets(
  names: readonly string[],
  { id, relaxed }: GrantOptions,
): Statement[] {
  return parseFromTop((top) => {
    const buckets = parseBuckets(names, { place: top, relaxed });
    return buckets.length === 0 ? [] : [allowAll(buckets, id)];
  });
}

function parseBuckets(
  names: readonly string[],
  { place, relaxed }: { place: PolicyPlace; relaxed: boolean },
): Pattern[] {
  return names.map((name, index) => parseBucketPattern(name, { place: place.at(index), relaxed }));
}

function parsePrefixes(
  prefixes: readonly string[] | undefined,
  place: PolicyPlace,
): Template[] | undefined {
  if (prefixes?.length === 0) place.report("Expected at least one prefix, got an empty list");
  return prefixes?.map((prefix, index) => {
    if (prefix === "") place.at(index).report("An empty prefix would be the whole bucket");
    return parsePrefixTemplate(prefix, place.at(index));
  });
}

function checkDeletable({ access, prefixes, deletable_prefixes }: Grant, place: PolicyPlace): void {
  if (deletable_prefixes !== undefined && access !== "append-only") {
    place.report(`Only "append-only" takes them, not "${access}"`);
  }
  for (const [index, deletable] of (deletable_prefixes ?? []).entries()) {
    if (prefixes?.some((prefix) => deletable.startsWith(prefix)) ?? true) continue;
    place.at(index).report(`"${deletable}" is under none of the grant's prefixes`);
  }
}

function objectsUnder(
  prefixes: readonly Template[],
  buckets: readonly Pattern[],
): ResourcePattern[] {
  return buckets.flatMap((bucket) => prefixes.map((key) => ({ kind: "object", bucket, key })));
}

function allowAll(buckets: readonly Pattern[], id: string): Statement {
  const resources = buckets.flatMap((bucket): ResourcePattern[] =>
    matchesAllFrom(bucket, "")
      ? [ANY_RESOURCE]
      : [{ kind: "bucket", bucket }, everyObjectOf(bucket)]
  );
  return buildStatement({ id, actions: ALL_ACTIONS, resources });
}

function allow(actions: readonly S3Action[], allowed: Omit<Allowed, "actions">): Statement {
  return buildStatement({ ...allowed, actions: new Set(actions) });
}

interface Allowed {
  readonly id: string;
  readonly actions: ReadonlySet<S3Action>;
  readonly resources: readonly ResourcePattern[];
  readonly conditions?: readonly Condition[];
  readonly createOnly?: boolean;
}

function buildStatement(allowed: Allowed): Statement {
  const { id, actions, resources, conditions = [], createOnly = false } = allowed;
  return {
    id,
    effect: "Allow",
    actions,
    resources: { negated: false, patterns: resources },
    conditions,
    createOnly,
  };
}
