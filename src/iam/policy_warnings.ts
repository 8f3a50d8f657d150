/**
 * What is valid in a policy's statement, and probably not meant.
 * @module
 */

import { lacksKey } from "./action_facts.ts";
import { BUCKET_ACTIONS, OBJECT_ACTIONS, type S3Action } from "./actions.ts";
import type { Statement } from "./policy.ts";

/** Actions on an object, and the one that S3 asks for instead where a version is named, `versionId=null` too. */
const VERSION_TWINS: readonly (readonly [action: S3Action, twin: S3Action])[] = [
  ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  ["s3:GetObject", "s3:GetObjectVersion"],
];

/** One sentence for each. */
export function findPolicyWarnings(
  { effect, actions, resources, conditions }: Statement,
): string[] {
  const warnings: string[] = [];
  const asksFor = (known: ReadonlySet<S3Action>): boolean => !actions.isDisjointFrom(known);
  const isAbout = (kind: "bucket" | "object"): boolean =>
    !resources.negated && resources.patterns.every((pattern) => pattern.kind === kind);
  if (isAbout("bucket") && !asksFor(BUCKET_ACTIONS)) {
    warnings.push(
      "never applies: its actions are on objects, expected a resource with /* behind the bucket",
    );
  }
  if (isAbout("object") && !asksFor(OBJECT_ACTIONS)) {
    warnings.push("never applies: its actions are on buckets, expected a resource without a key");
  }
  for (const { key } of conditions) {
    if ([...actions].every((action) => lacksKey(action, key))) {
      warnings.push(`has a condition on ${key}, which none of its actions has`);
    }
  }
  for (const [action, twin] of VERSION_TWINS) {
    if (effect === "Deny" && actions.has(action) && !actions.has(twin)) {
      warnings.push(`denies ${action} and not ${twin}, which ?versionId= asks for`);
    }
  }
  return warnings;
}
