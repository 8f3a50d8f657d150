/**
 * What a policy says of a whole bucket, before it is known which of its objects a request is about.
 * @module
 */

import type { BucketName } from "../s3/names.ts";
import { ALL_ACTIONS, type S3Action } from "./actions.ts";
import { allHold, type Condition } from "./condition.ts";
import type { Policy } from "./policy.ts";
import type { RequestContext } from "./request_context.ts";
import { coversBucket, coversObjects, reachesBucket, reachesObjects } from "./resource_reach.ts";

/**
 * Whether a user sees `bucket` in ListBuckets: any allow, whatever its actions and conditions, is
 * about the bucket or something in it, and no unconditional deny of `s3:*` covers all of it.
 */
export function touchesBucket(
  policy: Policy,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): boolean {
  if (policy.boundary !== undefined && !touchesBucket(policy.boundary, { bucket, context })) {
    return false;
  }
  let touched = false;
  for (const statement of policy.candidates({ level: "bucket", bucket }).flat()) {
    const { effect, actions, resources, conditions } = statement;
    if (effect === "Allow") {
      touched ||= reachesBucket(resources, { bucket, context }) === true;
    } else if (conditions.length === 0 && actions.size === ALL_ACTIONS.size) {
      if (coversBucket(resources, { bucket, context }) !== false) return false;
    }
  }
  return touched;
}

/**
 * Whether `policy` could allow `action` on any object of `bucket`: some allow reaches one, and no unconditional deny covers
 * all. Conditions on the request itself are evaluated; those on a version cannot be yet.
 */
export function mayAllowObjects(
  policy: Policy,
  { action, bucket, context }: { action: S3Action; bucket: BucketName; context: RequestContext },
): boolean {
  let may = false;
  for (const statement of policy.candidates({ level: "bucket", bucket }, action).flat()) {
    const { effect, resources, conditions } = statement;
    if (effect === "Deny") {
      if (conditions.length > 0) continue;
      if (coversBucket(resources, { bucket, context }) === true) return false;
    } else if (!may && !failsForAll(conditions, context)) {
      may = reachesObjects(resources, { bucket, context }) !== false;
    }
  }
  return may;
}

/**
 * Which of `actions` `policy` does not allow on every object of `bucket`, whatever its key, version and tags: an allow has to cover
 * all of them, those that are there already too, and no deny may be about one. `undefined` where it allows all actions.
 */
export function findDeniedOfAll(
  policy: Policy,
  question: { actions: readonly S3Action[]; bucket: BucketName; context: RequestContext },
): S3Action | undefined {
  const { actions, bucket, context } = question;
  const denied = policy.boundary && findDeniedOfAll(policy.boundary, question);
  if (denied !== undefined) return denied;
  let missing = actions;
  for (const statement of policy.candidates({ level: "bucket", bucket }).flat()) {
    const { effect, resources, conditions, createOnly } = statement;
    const about = (action: S3Action): boolean => statement.actions.has(action);
    if (effect === "Deny") {
      const first = actions.find(about);
      if (first === undefined || failsForAll(conditions, context)) continue;
      if (reachesObjects(resources, { bucket, context }) !== false) return first;
    } else if (missing.some(about) && !createOnly && holdsForAll(conditions, context)) {
      const covers = coversObjects(resources, { bucket, context }) === true;
      if (covers) missing = missing.filter((action) => !about(action));
    }
  }
  return missing[0];
}

function holdsForAll(conditions: readonly Condition[], context: RequestContext): boolean {
  return !asksForVersion(conditions) && allHold(conditions, context) === true;
}

function failsForAll(conditions: readonly Condition[], context: RequestContext): boolean {
  return !asksForVersion(conditions) && allHold(conditions, context) === false;
}

function asksForVersion(conditions: readonly Condition[]): boolean {
  return conditions.some(({ text }) => /versionid/i.test(text));
}
