/**
 * What a request needs permission for: (action, resource) pairs, all of which must be allowed.
 * See {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html}.
 * @module
 */

import type { Resource } from "./addressing.ts";
import type { BucketName } from "./names.ts";
import { replacesAll } from "./header_table.ts";
import type { OperationAction } from "./operation_table.ts";
import type { S3Request } from "./request.ts";
import type { ObjectIdentifier } from "./request_documents.ts";

/** An IAM action that a request can need: its operation's own, or one that a header brings. */
export type RequiredAction =
  | OperationAction
  | "s3:BypassGovernanceRetention"
  | "s3:GetObjectVersionTagging"
  | "s3:PutBucketVersioning";

/** One pair. */
export interface RequiredAccess {
  readonly action: RequiredAction;
  readonly resource: Resource;
}

/** The pairs of `request`; DeleteObjects' are those of its keys ({@linkcode listRequiredToDelete}). */
export function listRequiredAccess(request: S3Request): readonly RequiredAccess[] {
  const { operation, resource, parameters } = request;
  const own = parameters.has("versionId") ? operation.versionAction : operation.action;
  const actions: RequiredAction[] = [
    own,
    ...listHeaderActions(request),
    ...listReadActions(request),
  ];
  return [...actions.map((action) => ({ action, resource })), ...listSourceAccess(request)];
}

/**
 * The pairs for one key of a DeleteObjects `request`; what a header brings, it brings for each key: `brought` is
 * {@linkcode listHeaderActions} of the request, for who has many keys.
 */
export function listRequiredToDelete(
  request: S3Request,
  { bucket, object: { key, versionId }, brought = listHeaderActions(request) }: {
    bucket: BucketName;
    object: ObjectIdentifier;
    brought?: readonly RequiredAction[];
  },
): readonly RequiredAccess[] {
  const own: RequiredAction = versionId === undefined
    ? "s3:DeleteObject"
    : "s3:DeleteObjectVersion";
  const resource: Resource = { level: "object", bucket, key };
  return [own, ...brought].map((action) => ({ action, resource }));
}

/** Attributes are for those who may read the object itself, as on S3. */
function listReadActions({ operation, parameters }: S3Request): RequiredAction[] {
  if (operation.name !== "GetObjectAttributes") return [];
  return [parameters.has("versionId") ? "s3:GetObjectVersion" : "s3:GetObject"];
}

/** What deleting a key needs: one of these, and the rights that headers add. */
export const DELETING_ACTIONS = ["s3:DeleteObject", "s3:DeleteObjectVersion"] as const;

/** What reading an object needs, of which version it may be. */
export const READING_ACTIONS = ["s3:GetObject", "s3:GetObjectVersion"] as const;

/** What a backend does with what it copies to: it writes whatever it finds, and deletes what was deleted. */
export const REPLICATING_ACTIONS = ["s3:PutObject", ...DELETING_ACTIONS] as const;

/** What tells by a refusal whether the object that is there has this ETag, which is mostly the MD5 of its bytes. */
const ETAG_CONDITIONS: ReadonlySet<string> = new Set(["if-match", "if-none-match"]);
/** What tells so when the object was written, where the store holds them. */
const DATE_CONDITIONS: ReadonlySet<string> = new Set(["if-modified-since", "if-unmodified-since"]);

/**
 * Rights that headers bring, on the resource that is written. Who compares an ETag or a date has to have the right to read it.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html}.
 */
export function listHeaderActions({ headers, operation }: S3Request): RequiredAction[] {
  if (operation.method === "GET" || operation.method === "HEAD") return [];
  const isObject = operation.level === "object";
  const actions: RequiredAction[] = [];
  for (const [name, value] of headers) {
    // "private" is the default, also without the header; rclone sends it with every object.
    if (name === "x-amz-acl" && value === "private") continue;
    if (name === "x-amz-acl" || name.startsWith("x-amz-grant-")) {
      actions.push(isObject ? "s3:PutObjectAcl" : "s3:PutBucketAcl");
    } else if (
      ETAG_CONDITIONS.has(name) && value !== "*" || DATE_CONDITIONS.has(name) && isObject
    ) {
      actions.push("s3:GetObject");
    } else if (name === "x-amz-tagging") {
      actions.push("s3:PutObjectTagging");
    } else if (name === "x-amz-object-lock-legal-hold") {
      actions.push("s3:PutObjectLegalHold");
    } else if (name.startsWith("x-amz-object-lock-")) {
      actions.push("s3:PutObjectRetention");
    } else if (name === "x-amz-bypass-governance-retention") {
      actions.push("s3:BypassGovernanceRetention");
    } else if (name === "x-amz-bucket-object-lock-enabled") {
      actions.push("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning");
    }
  }
  return actions;
}

/** The right to read a copy's source; and its tags, which are copied, too, unless all is replaced: RGW ignores the directive for tags. */
function listSourceAccess({ copySource, headers, operation }: S3Request): RequiredAccess[] {
  if (copySource === undefined) return [];
  const { bucket, key, versionId } = copySource;
  const resource: Resource = { level: "object", bucket, key };
  const isVersion = versionId !== undefined;
  const access: RequiredAccess[] = [
    { action: isVersion ? "s3:GetObjectVersion" : "s3:GetObject", resource },
  ];
  if (operation.name === "CopyObject" && !replacesAll(headers)) {
    access.push({
      action: isVersion ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging",
      resource,
    });
  }
  return access;
}
