/**
 * May this user do this? The bridge from a request to the policy engine, which sees no header.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { authorize, type Decision } from "../iam/authorize.ts";
import { type Identity, mayComeFrom } from "../iam/identity.ts";
import { parseClientAddress } from "../iam/ip_range.ts";
import type { RequestContext } from "../iam/request_context.ts";
import { findDeniedOfAll, mayAllowObjects, touchesBucket } from "../iam/whole_bucket.ts";
import { LIMITS } from "../limits.ts";
import type { CopySource } from "../s3/copy_source.ts";
import { S3Error } from "../s3/error.ts";
import type { BucketName } from "../s3/names.ts";
import type { S3Request } from "../s3/request.ts";
import {
  DELETING_ACTIONS,
  listHeaderActions,
  listRequiredAccess,
  READING_ACTIONS,
  type RequiredAction,
} from "../s3/required_access.ts";
import type { Authenticated } from "../sigv4/verify.ts";

/** What a decision depends on beside the request. */
export interface Circumstances {
  readonly authenticated: Pick<Authenticated<Identity>, "identity" | "mechanism">;
  readonly clientAddress: string;
  readonly now: Date;
}

/** `s3:authType`. */
const AUTH_TYPES = {
  header: "REST-HEADER",
  presigned: "REST-QUERY-STRING",
  form: "POST",
} as const satisfies Record<Authenticated<Identity>["mechanism"], string>;

/** The values that conditions and policy variables read. */
export function buildRequestContext(
  request: S3Request,
  { authenticated: { identity, mechanism }, clientAddress, now }: Circumstances,
): RequestContext {
  const { parameters, headers, copySource } = request;
  const sourceIp = parseClientAddress(clientAddress);
  assert(sourceIp !== undefined, "The listener gave a client address that is none");
  return {
    username: identity.username,
    claims: identity.session?.claims,
    sourceIp,
    secureTransport: request.scheme === "https",
    currentTime: now,
    authType: AUTH_TYPES[mechanism],
    userAgent: headers.get("user-agent"),
    prefix: parameters.get("prefix"),
    delimiter: parameters.get("delimiter"),
    maxKeys: readMaxKeys(request),
    acl: headers.get("x-amz-acl"),
    copySource: nameSource(copySource),
    storageClass: headers.get("x-amz-storage-class"),
    // No request has both: one with a copy source names no version that it writes to.
    versionId: parameters.get("versionId") ?? copySource?.versionId,
  };
}

function nameSource(source: CopySource | undefined): string | undefined {
  return source === undefined ? undefined : `${source.bucket}/${source.key}`;
}

/**
 * How many keys a listing asks for; on AWS `s3:max-keys` is there whether the request says so or not.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html}.
 */
function readMaxKeys({ operation, parameters }: S3Request): number | undefined {
  if (!operation.parameters.has("max-keys")) return undefined;
  const text = parameters.get("max-keys");
  if (text === undefined) return LIMITS.listKeysDefault;
  // A backend takes an empty value for its default; a value that backends read in different ways fits no condition either.
  return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
}

/**
 * Refuses a user who comes from elsewhere than its `source_ips`.
 * @throws {S3Error} `AccessDenied`.
 */
export function verifySourceAddress(identity: Identity, { sourceIp }: RequestContext): void {
  if (mayComeFrom(identity, sourceIp)) return;
  throw new S3Error("AccessDenied", { reason: "source_ip" });
}

/**
 * Decides a request, and whatever else the backend may take it for: all must be allowed.
 * @see {@linkcode S3Request.spellings}
 */
export function authorizeRequest(
  request: S3Request,
  { identity, context }: { identity: Identity; context: RequestContext },
): Decision {
  let decision = authorizeSpelling(request, { identity, context });
  for (const spelling of request.spellings) {
    if (!decision.allowed) return decision;
    const { parameters, copySource } = spelling;
    const other = authorizeSpelling({ ...request, ...spelling }, {
      identity,
      context: { ...context, prefix: parameters.get("prefix"), copySource: nameSource(copySource) },
    });
    if (!other.allowed) return other;
    decision = { ...decision, createOnly: decision.createOnly || other.createOnly };
  }
  return decision;
}

/**
 * Decides all that `request` needs. ListBuckets needs no Allow of its own, because it shows no more than the user's own
 * buckets, but heeds a Deny; nor does HeadBucket of a bucket that it shows. DeleteObjects is
 * decided key by key, later. All three are for users with a rule only.
 */
function authorizeSpelling(
  request: S3Request,
  { identity, context }: { identity: Identity; context: RequestContext },
): Decision {
  const { policy } = identity;
  const { operation: { name }, resource } = request;
  if (name === "DeleteObjects" && resource.level === "bucket") {
    return authorizeDeletes(request, { identity, bucket: resource.bucket, context });
  }
  const decision = authorize(policy, { needs: listRequiredAccess(request), context });
  if (decision.allowed && name === "PutBucketReplication" && resource.level === "bucket") {
    const { bucket } = resource;
    return authorizeAllObjects(decision, { policy, bucket, context, actions: READING_ACTIONS });
  }
  if (decision.allowed || policy.statements.length === 0) return decision;
  const decidesLater = name === "ListBuckets" && decision.reason === "no_allow";
  const showsIt = name === "HeadBucket" && decision.reason === "no_allow" &&
    resource.level === "bucket" && showsBucket(identity, { bucket: resource.bucket, context });
  return decidesLater || showsIt
    ? { allowed: true, statementIds: [], createOnly: false }
    : decision;
}

/** Refuses a DeleteObjects by its head where the user could delete no key of `bucket`; otherwise each key is decided when it has come. */
function authorizeDeletes(
  request: S3Request,
  { identity: { policy }, bucket, context }: {
    identity: Identity;
    bucket: BucketName;
    context: RequestContext;
  },
): Decision {
  const may = (action: RequiredAction): boolean =>
    mayAllowObjects(policy, { action, bucket, context });
  const missing = DELETING_ACTIONS.some(may)
    ? listHeaderActions(request).find((action) => !may(action))
    : DELETING_ACTIONS[0];
  if (missing === undefined) return { allowed: true, statementIds: [], createOnly: false };
  const need = { action: missing, resource: request.resource };
  return { allowed: false, reason: "no_allow", statementIds: [], need };
}

/**
 * `decision`, unless `policy` does not allow each of `actions` on all objects of `bucket`. The backend copies whatever is written
 * from then on, under the master key: that is for who may read all of it, and write all that is there. On AWS a role does both,
 * which a user needs `iam:PassRole` to name.
 */
export function authorizeAllObjects(
  decision: Decision,
  { policy, bucket, context, actions }: {
    policy: Identity["policy"];
    bucket: BucketName;
    context: RequestContext;
    actions: readonly RequiredAction[];
  },
): Decision {
  const missing = findDeniedOfAll(policy, { actions, bucket, context });
  if (missing === undefined) return decision;
  const need = { action: missing, resource: { level: "bucket", bucket } } as const;
  return { allowed: false, reason: "no_allow", statementIds: [], need };
}

/** Whether ListBuckets shows `bucket` to a user: its rules touch it, and none denies ListBuckets. */
export function showsBucket(
  { policy }: Identity,
  { bucket, context }: { bucket: BucketName; context: RequestContext },
): boolean {
  const needs = [{ action: "s3:ListAllMyBuckets", resource: { level: "service" } }] as const;
  const lists = authorize(policy, { needs, context });
  return (lists.allowed || lists.reason === "no_allow") &&
    touchesBucket(policy, { bucket, context });
}
