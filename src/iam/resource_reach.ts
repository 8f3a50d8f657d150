/**
 * What a statement's resources are to a whole bucket, whatever is in it.
 * @module
 */

import type { BucketName } from "../s3/names.ts";
import { canStartWith, matchesAllFrom, matchesPattern } from "./pattern.ts";
import { bindTemplate } from "./policy_variables.ts";
import type { RequestContext } from "./request_context.ts";
import {
  matchesResource,
  type ResourcePattern,
  type ResourceSet,
  Subject,
} from "./resource_pattern.ts";
import { anyOf, negate, type Truth } from "./truth.ts";

/** Whether the statement is about `bucket` or anything in it. */
export function reachesBucket(
  { negated, patterns }: ResourceSet,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): Truth {
  if (negated) return negate(coversBucket({ negated: false, patterns }, { bucket, context }));
  return anyOf(patterns, (pattern) => {
    if (pattern.kind !== "path") return matchesPattern(pattern.bucket, bucket);
    const path = bindTemplate(pattern.path, context);
    if (path === undefined) return "unknown";
    return matchesPattern(path, bucket) || canStartWith(path, `${bucket}/`);
  });
}

/** Whether the statement is about `bucket` and everything in it, by patterns that end in `*`. */
export function coversBucket(
  { negated, patterns }: ResourceSet,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): Truth {
  if (negated) return negate(reachesBucket({ negated: false, patterns }, { bucket, context }));
  const itself = matchesResource(
    { negated, patterns },
    new Subject({ level: "bucket", bucket }, context),
  );
  if (itself === false) return false;
  const objects = coversObjects({ negated, patterns }, { bucket, context });
  return objects === true ? itself : objects;
}

/** The same for the objects in it alone. */
export function coversObjects(
  { negated, patterns }: ResourceSet,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): Truth {
  return negated
    ? negate(reachesObjects({ negated: false, patterns }, { bucket, context }))
    : anyOf(patterns, (pattern) => matchesAllObjects(pattern, { bucket, context }));
}

/** Whether the statement is about any object in `bucket`. */
export function reachesObjects(
  { negated, patterns }: ResourceSet,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): Truth {
  if (negated) return negate(coversObjects({ negated: false, patterns }, { bucket, context }));
  const ofObjects = patterns.filter(({ kind }) => kind !== "bucket");
  return reachesBucket({ negated, patterns: ofObjects }, { bucket, context });
}

function matchesAllObjects(
  pattern: ResourcePattern,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): Truth {
  if (pattern.kind === "bucket") return false;
  if (pattern.kind === "object" && !matchesPattern(pattern.bucket, bucket)) return false;
  const bound = bindTemplate(pattern.kind === "path" ? pattern.path : pattern.key, context);
  if (bound === undefined) return "unknown";
  return matchesAllFrom(bound, pattern.kind === "path" ? `${bucket}/` : "");
}
