/**
 * Every S3 action of the Service Authorization Reference, by what it is asked of: a policy that
 * names another one, or a wildcard that fits none, is an error rather than a rule that never
 * applies.
 * See {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html}.
 * @module
 */

import { nearestName } from "../lib/nearest_name.ts";
import { OPERATIONS } from "../s3/operation_table.ts";
import { matchesPattern, parsePattern } from "./pattern.ts";
import type { PolicyPlace } from "./policy_error.ts";

/** Asked of an object. */
// deno-fmt-ignore: the list is read as a paragraph
const OBJECT_ACTION_NAMES = [
  "s3:AbortMultipartUpload", "s3:BypassGovernanceRetention", "s3:DeleteObject",
  "s3:DeleteObjectAnnotation", "s3:DeleteObjectTagging", "s3:DeleteObjectVersion",
  "s3:DeleteObjectVersionAnnotation", "s3:DeleteObjectVersionTagging", "s3:GetObject",
  "s3:GetObjectAcl", "s3:GetObjectAnnotation", "s3:GetObjectAttributes", "s3:GetObjectLegalHold",
  "s3:GetObjectRetention", "s3:GetObjectTagging", "s3:GetObjectTorrent", "s3:GetObjectVersion",
  "s3:GetObjectVersionAcl", "s3:GetObjectVersionAnnotation",
  "s3:GetObjectVersionAnnotationForReplication", "s3:GetObjectVersionAttributes",
  "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging", "s3:GetObjectVersionTorrent",
  "s3:InitiateReplication", "s3:ListMultipartUploadParts", "s3:ListObjectAnnotations",
  "s3:ListObjectVersionAnnotations", "s3:ObjectOwnerOverrideToBucketOwner", "s3:PutObject",
  "s3:PutObjectAcl", "s3:PutObjectAnnotation", "s3:PutObjectLegalHold", "s3:PutObjectRetention",
  "s3:PutObjectTagging", "s3:PutObjectVersionAcl", "s3:PutObjectVersionAnnotation",
  "s3:PutObjectVersionTagging", "s3:ReplicateDelete", "s3:ReplicateObject",
  "s3:ReplicateObjectAnnotation", "s3:ReplicateTags", "s3:RestoreObject",
  "s3:UpdateObjectEncryption",
] as const;

/** Asked of a bucket. */
// deno-fmt-ignore: the list is read as a paragraph
const BUCKET_ACTION_NAMES = [
  "s3:AllowVendedLogDeliveryForResource", "s3:CreateBucket",
  "s3:CreateBucketMetadataTableConfiguration", "s3:DeleteBucket",
  "s3:DeleteBucketMetadataTableConfiguration", "s3:DeleteBucketPolicy", "s3:DeleteBucketWebsite",
  "s3:GetAccelerateConfiguration", "s3:GetAnalyticsConfiguration", "s3:GetBucketAbac",
  "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
  "s3:GetBucketMetadataTableConfiguration", "s3:GetBucketNotification",
  "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
  "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment",
  "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
  "s3:GetEncryptionConfiguration", "s3:GetIntelligentTieringConfiguration",
  "s3:GetInventoryConfiguration", "s3:GetLifecycleConfiguration", "s3:GetMetricsConfiguration",
  "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketMultipartUploads",
  "s3:ListBucketVersions", "s3:ListTagsForResource", "s3:PauseReplication",
  "s3:PutAccelerateConfiguration", "s3:PutAnalyticsConfiguration", "s3:PutBucketAbac",
  "s3:PutBucketAcl", "s3:PutBucketCORS", "s3:PutBucketLogging", "s3:PutBucketNotification",
  "s3:PutBucketObjectLockConfiguration", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy",
  "s3:PutBucketPublicAccessBlock", "s3:PutBucketRequestPayment", "s3:PutBucketTagging",
  "s3:PutBucketVersioning", "s3:PutBucketWebsite", "s3:PutEncryptionConfiguration",
  "s3:PutIntelligentTieringConfiguration", "s3:PutInventoryConfiguration",
  "s3:PutLifecycleConfiguration", "s3:PutMetricsConfiguration", "s3:PutReplicationConfiguration",
  "s3:TagResource", "s3:UntagResource", "s3:UpdateBucketMetadataAnnotationTableConfiguration",
  "s3:UpdateBucketMetadataInventoryTableConfiguration",
  "s3:UpdateBucketMetadataJournalTableConfiguration",
] as const;

/**
 * Actions on the account, or on things that this proxy does not have: access points, access grants, batch
 * jobs, Storage Lens.
 */
// deno-fmt-ignore: the list is read as a paragraph
const OTHER_ACTION_NAMES = [
  "s3:AssociateAccessGrantsIdentityCenter", "s3:CreateAccessGrant",
  "s3:CreateAccessGrantsInstance", "s3:CreateAccessGrantsLocation", "s3:CreateAccessPoint",
  "s3:CreateAccessPointForObjectLambda", "s3:CreateJob", "s3:CreateMultiRegionAccessPoint",
  "s3:CreateStorageLensGroup", "s3:DeleteAccessGrant", "s3:DeleteAccessGrantsInstance",
  "s3:DeleteAccessGrantsInstanceResourcePolicy", "s3:DeleteAccessGrantsLocation",
  "s3:DeleteAccessPoint", "s3:DeleteAccessPointForObjectLambda", "s3:DeleteAccessPointPolicy",
  "s3:DeleteAccessPointPolicyForObjectLambda", "s3:DeleteJobTagging",
  "s3:DeleteMultiRegionAccessPoint", "s3:DeleteStorageLensConfiguration",
  "s3:DeleteStorageLensConfigurationTagging", "s3:DeleteStorageLensGroup", "s3:DescribeJob",
  "s3:DescribeMultiRegionAccessPointOperation", "s3:DissociateAccessGrantsIdentityCenter",
  "s3:GetAccessGrant", "s3:GetAccessGrantsInstance", "s3:GetAccessGrantsInstanceForPrefix",
  "s3:GetAccessGrantsInstanceResourcePolicy", "s3:GetAccessGrantsLocation", "s3:GetAccessPoint",
  "s3:GetAccessPointConfigurationForObjectLambda", "s3:GetAccessPointForObjectLambda",
  "s3:GetAccessPointPolicy", "s3:GetAccessPointPolicyForObjectLambda",
  "s3:GetAccessPointPolicyStatus", "s3:GetAccessPointPolicyStatusForObjectLambda",
  "s3:GetAccountPublicAccessBlock", "s3:GetDataAccess", "s3:GetJobTagging",
  "s3:GetMultiRegionAccessPoint", "s3:GetMultiRegionAccessPointPolicy",
  "s3:GetMultiRegionAccessPointPolicyStatus", "s3:GetMultiRegionAccessPointRoutes",
  "s3:GetStorageLensConfiguration", "s3:GetStorageLensConfigurationTagging",
  "s3:GetStorageLensDashboard", "s3:GetStorageLensGroup", "s3:ListAccessGrants",
  "s3:ListAccessGrantsInstances", "s3:ListAccessGrantsLocations", "s3:ListAccessPoints",
  "s3:ListAccessPointsForObjectLambda", "s3:ListAllMyBuckets", "s3:ListCallerAccessGrants",
  "s3:ListJobs", "s3:ListMultiRegionAccessPoints", "s3:ListStorageLensConfigurations",
  "s3:ListStorageLensGroups", "s3:PutAccessGrantsInstanceResourcePolicy",
  "s3:PutAccessPointConfigurationForObjectLambda", "s3:PutAccessPointPolicy",
  "s3:PutAccessPointPolicyForObjectLambda", "s3:PutAccessPointPublicAccessBlock",
  "s3:PutAccountPublicAccessBlock", "s3:PutJobTagging", "s3:PutMultiRegionAccessPointPolicy",
  "s3:PutStorageLensConfiguration", "s3:PutStorageLensConfigurationTagging",
  "s3:SubmitMultiRegionAccessPointRoutes", "s3:UpdateAccessGrantsLocation",
  "s3:UpdateJobPriority", "s3:UpdateJobStatus", "s3:UpdateStorageLensGroup",
] as const;

/** An action of S3, in the reference's spelling. */
export type S3Action =
  | typeof OBJECT_ACTION_NAMES[number]
  | typeof BUCKET_ACTION_NAMES[number]
  | typeof OTHER_ACTION_NAMES[number];

/** The actions that are asked of an object. */
export const OBJECT_ACTIONS: ReadonlySet<S3Action> = new Set(OBJECT_ACTION_NAMES);
/** The actions that are asked of a bucket. */
export const BUCKET_ACTIONS: ReadonlySet<S3Action> = new Set(BUCKET_ACTION_NAMES);
/** Every action, `s3:*`. */
export const ALL_ACTIONS: ReadonlySet<S3Action> = new Set([
  ...OBJECT_ACTION_NAMES,
  ...BUCKET_ACTION_NAMES,
  ...OTHER_ACTION_NAMES,
]);

const FOLDED_NAMES: readonly (readonly [folded: string, action: S3Action])[] = [...ALL_ACTIONS].map(
  (action) => [action.toLowerCase(), action],
);

/** No wildcard may stand for a service. */
const SERVICE = /^[a-z0-9-]+:/i;

/**
 * Reads one action of a policy, with or without wildcards, in any case; reports one that names
 * nothing.
 */
export function parseActions(text: string, place: PolicyPlace): ReadonlySet<S3Action> {
  if (text === "*" || text === "s3:*" || text === "*:*") return ALL_ACTIONS;
  if (!SERVICE.test(text) && /[*?]/.test(text)) {
    place.report(`"${text}" names no service: expected "*", or "s3:" and an action of S3`);
    return new Set();
  }
  const pattern = parsePattern(text.toLowerCase());
  const named = FOLDED_NAMES.filter(([folded]) => matchesPattern(pattern, folded));
  if (named.length === 0) place.report(describeUnknown(text));
  return new Set(named.map(([, action]) => action));
}

/** `actions` turned around, as `NotAction` does. */
export function complementActions(actions: ReadonlySet<S3Action>): ReadonlySet<S3Action> {
  return new Set([...ALL_ACTIONS].filter((action) => !actions.has(action)));
}

function describeUnknown(text: string): string {
  if (/[*?]/.test(text)) return `"${text}" fits no action of S3`;
  const name = text.replace(/^s3:/i, "").toLowerCase();
  const operation = OPERATIONS.find((operation) => operation.name.toLowerCase() === name);
  if (operation !== undefined) {
    return `"${text}" is not an action: ${operation.name} needs "${operation.action}"`;
  }
  const nearest = nearestName(text, ALL_ACTIONS);
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return `Unknown action "${text}"${hint}`;
}
