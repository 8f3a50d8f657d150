/**
 * Condition keys of S3 that not every action has, as the Service Authorization Reference lists them. A header or parameter
 * that a request carries beyond these says nothing about the action: a GET with `x-amz-acl` sets no ACL.
 * See {@link https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html}.
 * @module
 */

const LISTINGS = ["s3:ListBucket", "s3:ListBucketVersions"];
const OBJECT_ACLS = ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"];
const BYPASS = "s3:BypassGovernanceRetention";

/** Condition key → actions that have it. */
export const CONDITION_KEY_ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["s3:prefix", LISTINGS],
  ["s3:delimiter", LISTINGS],
  ["s3:max-keys", LISTINGS],
  ["s3:x-amz-acl", [
    ...OBJECT_ACLS,
    "s3:CreateAccessPoint",
    "s3:CreateBucket",
    "s3:PutBucketAcl",
    BYPASS,
  ]],
  ["s3:x-amz-copy-source", ["s3:PutObject", BYPASS]],
  ["s3:x-amz-storage-class", [...OBJECT_ACLS, BYPASS]],
  ["s3:VersionId", [
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionAnnotation",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAnnotation",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionTagging",
    "s3:GetObjectVersionTorrent",
    "s3:ListObjectVersionAnnotations",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionAnnotation",
    "s3:PutObjectVersionTagging",
  ]],
]);
