/**
 * Which facts about a request are facts about one of the actions it needs: the copy of an object writes with an ACL and
 * reads without one.
 * @module
 */

import { CONDITION_KEY_ACTIONS } from "../s3/condition_key_table.ts";
import type { S3Action } from "./actions.ts";
import type { RequestContext } from "./request_context.ts";

/** Condition key → where a context has it. */
const FIELDS = {
  "s3:prefix": "prefix",
  "s3:delimiter": "delimiter",
  "s3:max-keys": "maxKeys",
  "s3:x-amz-acl": "acl",
  "s3:x-amz-copy-source": "copySource",
  "s3:x-amz-storage-class": "storageClass",
  "s3:VersionId": "versionId",
} as const;

const KEYS = Object.entries(FIELDS).map(([key, field]) => ({
  field,
  actions: new Set(CONDITION_KEY_ACTIONS.get(key)),
}));

/** The part of `context` that a condition on `action` may see. The prefix stays, because grants also confine lists of uploads by it. */
export function selectFacts(context: RequestContext, action: S3Action): RequestContext {
  let facts: { -readonly [Field in keyof RequestContext]: RequestContext[Field] } | undefined;
  for (const { field, actions } of KEYS) {
    if (context[field] === undefined || actions.has(action)) continue;
    facts ??= { ...context };
    if (field === "prefix") facts.hidesPrefix = true;
    else facts[field] = undefined;
  }
  return facts ?? context;
}

/** Whether no request for `action` has the condition key. */
export function lacksKey(action: S3Action, key: string): boolean {
  return CONDITION_KEY_ACTIONS.get(key)?.includes(action) === false;
}
