/**
 * The operation table, one row an operation; operation.ts says how it is read.
 *
 * Columns: operation, method, level, subresource, IAM action, and what is out of the ordinary:
 * `takes` further query parameters · `ignores` MinIO's, whose store answers with what a list may not show · `version` the
 * action where `versionId` is given · `body` (default `none`) · `copies` selected by `x-amz-copy-source` · `forwarded: false`
 * what no backend is sent; a setting goes only where it is known (settings.ts).
 * @module
 */

const READ_OBJECT =
  "versionId partNumber response-cache-control response-content-disposition response-content-encoding " +
  "response-content-language response-content-type response-expires";
const OFF = { forwarded: false } as const;
const OFF_ID = { forwarded: false, takes: "id" } as const;
const OFF_LIST = { forwarded: false, takes: "id continuation-token" } as const;
const OFF_XML = { forwarded: false, body: "xml" } as const;
const OFF_ID_XML = { forwarded: false, body: "xml", takes: "id" } as const;
const XML = { body: "xml" } as const;

interface Exceptions {
  readonly takes?: string;
  readonly ignores?: string;
  readonly version?: string;
  readonly body?: "object" | "xml";
  readonly copies?: true;
  readonly forwarded?: false;
}

type Row = readonly [
  operation: string,
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE",
  level: "service" | "bucket" | "object",
  subresource: string,
  action: `s3:${string}`,
  exceptions?: Exceptions,
];

// deno-fmt-ignore: a table is read by its columns
const ROWS = [
  ["ListBuckets", "GET", "service", "", "s3:ListAllMyBuckets", { takes: "prefix max-buckets continuation-token bucket-region" }],

  ["HeadBucket", "HEAD", "bucket", "", "s3:ListBucket"],
  ["CreateBucket", "PUT", "bucket", "", "s3:CreateBucket", XML],
  ["DeleteBucket", "DELETE", "bucket", "", "s3:DeleteBucket"],
  ["ListObjects", "GET", "bucket", "", "s3:ListBucket", { takes: "prefix delimiter marker max-keys encoding-type" }],
  ["ListObjectsV2", "GET", "bucket", "list-type", "s3:ListBucket",
    { takes: "prefix delimiter start-after continuation-token max-keys encoding-type fetch-owner", ignores: "metadata" }],
  ["ListObjectVersions", "GET", "bucket", "versions", "s3:ListBucketVersions",
    { takes: "prefix delimiter key-marker version-id-marker max-keys encoding-type" }],
  ["ListMultipartUploads", "GET", "bucket", "uploads", "s3:ListBucketMultipartUploads",
    { takes: "prefix delimiter key-marker upload-id-marker max-uploads encoding-type" }],
  ["DeleteObjects", "POST", "bucket", "delete", "s3:DeleteObject", XML],
  ["PostObject", "POST", "bucket", "", "s3:PutObject", { body: "object" }],

  ["GetBucketAbac", "GET", "bucket", "abac", "s3:GetBucketAbac", OFF],
  ["PutBucketAbac", "PUT", "bucket", "abac", "s3:PutBucketAbac", OFF_XML],
  ["GetBucketAccelerateConfiguration", "GET", "bucket", "accelerate", "s3:GetAccelerateConfiguration"],
  ["PutBucketAccelerateConfiguration", "PUT", "bucket", "accelerate", "s3:PutAccelerateConfiguration", XML],
  ["GetBucketAcl", "GET", "bucket", "acl", "s3:GetBucketAcl"],
  ["PutBucketAcl", "PUT", "bucket", "acl", "s3:PutBucketAcl", XML],
  ["GetBucketAnalyticsConfiguration", "GET", "bucket", "analytics", "s3:GetAnalyticsConfiguration", OFF_LIST],
  ["PutBucketAnalyticsConfiguration", "PUT", "bucket", "analytics", "s3:PutAnalyticsConfiguration", OFF_ID_XML],
  ["DeleteBucketAnalyticsConfiguration", "DELETE", "bucket", "analytics", "s3:PutAnalyticsConfiguration", OFF_ID],
  ["GetBucketCors", "GET", "bucket", "cors", "s3:GetBucketCORS"],
  ["PutBucketCors", "PUT", "bucket", "cors", "s3:PutBucketCORS", XML],
  ["DeleteBucketCors", "DELETE", "bucket", "cors", "s3:PutBucketCORS"],
  ["GetBucketEncryption", "GET", "bucket", "encryption", "s3:GetEncryptionConfiguration"],
  ["PutBucketEncryption", "PUT", "bucket", "encryption", "s3:PutEncryptionConfiguration", XML],
  ["DeleteBucketEncryption", "DELETE", "bucket", "encryption", "s3:PutEncryptionConfiguration"],
  ["GetBucketIntelligentTieringConfiguration", "GET", "bucket", "intelligent-tiering",
    "s3:GetIntelligentTieringConfiguration", OFF_LIST],
  ["PutBucketIntelligentTieringConfiguration", "PUT", "bucket", "intelligent-tiering",
    "s3:PutIntelligentTieringConfiguration", OFF_ID_XML],
  ["DeleteBucketIntelligentTieringConfiguration", "DELETE", "bucket", "intelligent-tiering",
    "s3:PutIntelligentTieringConfiguration", OFF_ID],
  ["GetBucketInventoryConfiguration", "GET", "bucket", "inventory", "s3:GetInventoryConfiguration", OFF_LIST],
  ["PutBucketInventoryConfiguration", "PUT", "bucket", "inventory", "s3:PutInventoryConfiguration", OFF_ID_XML],
  ["DeleteBucketInventoryConfiguration", "DELETE", "bucket", "inventory", "s3:PutInventoryConfiguration", OFF_ID],
  ["GetBucketLifecycleConfiguration", "GET", "bucket", "lifecycle", "s3:GetLifecycleConfiguration",
    { ignores: "withUpdatedAt" }],
  ["PutBucketLifecycleConfiguration", "PUT", "bucket", "lifecycle", "s3:PutLifecycleConfiguration", XML],
  ["DeleteBucketLifecycle", "DELETE", "bucket", "lifecycle", "s3:PutLifecycleConfiguration"],
  ["GetBucketLocation", "GET", "bucket", "location", "s3:GetBucketLocation"],
  ["GetBucketLogging", "GET", "bucket", "logging", "s3:GetBucketLogging"],
  ["PutBucketLogging", "PUT", "bucket", "logging", "s3:PutBucketLogging", XML],
  ["GetBucketMetadataConfiguration", "GET", "bucket", "metadataConfiguration",
    "s3:GetBucketMetadataTableConfiguration", OFF],
  ["CreateBucketMetadataConfiguration", "POST", "bucket", "metadataConfiguration",
    "s3:CreateBucketMetadataTableConfiguration", OFF_XML],
  ["DeleteBucketMetadataConfiguration", "DELETE", "bucket", "metadataConfiguration",
    "s3:DeleteBucketMetadataTableConfiguration", OFF],
  ["GetBucketMetadataTableConfiguration", "GET", "bucket", "metadataTable",
    "s3:GetBucketMetadataTableConfiguration", OFF],
  ["CreateBucketMetadataTableConfiguration", "POST", "bucket", "metadataTable",
    "s3:CreateBucketMetadataTableConfiguration", OFF_XML],
  ["DeleteBucketMetadataTableConfiguration", "DELETE", "bucket", "metadataTable",
    "s3:DeleteBucketMetadataTableConfiguration", OFF],
  ["UpdateBucketMetadataAnnotationTableConfiguration", "PUT", "bucket", "metadataAnnotationTable",
    "s3:UpdateBucketMetadataAnnotationTableConfiguration", OFF_XML],
  ["UpdateBucketMetadataInventoryTableConfiguration", "PUT", "bucket", "metadataInventoryTable",
    "s3:UpdateBucketMetadataInventoryTableConfiguration", OFF_XML],
  ["UpdateBucketMetadataJournalTableConfiguration", "PUT", "bucket", "metadataJournalTable",
    "s3:UpdateBucketMetadataJournalTableConfiguration", OFF_XML],
  ["GetBucketMetricsConfiguration", "GET", "bucket", "metrics", "s3:GetMetricsConfiguration", OFF_LIST],
  ["PutBucketMetricsConfiguration", "PUT", "bucket", "metrics", "s3:PutMetricsConfiguration", OFF_ID_XML],
  ["DeleteBucketMetricsConfiguration", "DELETE", "bucket", "metrics", "s3:PutMetricsConfiguration", OFF_ID],
  ["GetBucketNotificationConfiguration", "GET", "bucket", "notification", "s3:GetBucketNotification"],
  ["PutBucketNotificationConfiguration", "PUT", "bucket", "notification", "s3:PutBucketNotification", XML],
  ["GetObjectLockConfiguration", "GET", "bucket", "object-lock", "s3:GetBucketObjectLockConfiguration"],
  ["PutObjectLockConfiguration", "PUT", "bucket", "object-lock", "s3:PutBucketObjectLockConfiguration", XML],
  ["GetBucketOwnershipControls", "GET", "bucket", "ownershipControls", "s3:GetBucketOwnershipControls"],
  ["PutBucketOwnershipControls", "PUT", "bucket", "ownershipControls", "s3:PutBucketOwnershipControls", XML],
  ["DeleteBucketOwnershipControls", "DELETE", "bucket", "ownershipControls", "s3:PutBucketOwnershipControls"],
  ["GetBucketPolicy", "GET", "bucket", "policy", "s3:GetBucketPolicy"],
  ["PutBucketPolicy", "PUT", "bucket", "policy", "s3:PutBucketPolicy", XML],
  ["DeleteBucketPolicy", "DELETE", "bucket", "policy", "s3:DeleteBucketPolicy"],
  ["GetBucketPolicyStatus", "GET", "bucket", "policyStatus", "s3:GetBucketPolicyStatus"],
  ["GetPublicAccessBlock", "GET", "bucket", "publicAccessBlock", "s3:GetBucketPublicAccessBlock"],
  ["PutPublicAccessBlock", "PUT", "bucket", "publicAccessBlock", "s3:PutBucketPublicAccessBlock", XML],
  ["DeletePublicAccessBlock", "DELETE", "bucket", "publicAccessBlock", "s3:PutBucketPublicAccessBlock"],
  ["GetBucketReplication", "GET", "bucket", "replication", "s3:GetReplicationConfiguration"],
  ["PutBucketReplication", "PUT", "bucket", "replication", "s3:PutReplicationConfiguration", XML],
  ["DeleteBucketReplication", "DELETE", "bucket", "replication", "s3:PutReplicationConfiguration"],
  ["GetBucketRequestPayment", "GET", "bucket", "requestPayment", "s3:GetBucketRequestPayment"],
  ["PutBucketRequestPayment", "PUT", "bucket", "requestPayment", "s3:PutBucketRequestPayment", XML],
  ["GetBucketTagging", "GET", "bucket", "tagging", "s3:GetBucketTagging"],
  ["PutBucketTagging", "PUT", "bucket", "tagging", "s3:PutBucketTagging", XML],
  ["DeleteBucketTagging", "DELETE", "bucket", "tagging", "s3:PutBucketTagging"],
  ["GetBucketVersioning", "GET", "bucket", "versioning", "s3:GetBucketVersioning"],
  ["PutBucketVersioning", "PUT", "bucket", "versioning", "s3:PutBucketVersioning", XML],
  ["GetBucketWebsite", "GET", "bucket", "website", "s3:GetBucketWebsite"],
  ["PutBucketWebsite", "PUT", "bucket", "website", "s3:PutBucketWebsite", XML],
  ["DeleteBucketWebsite", "DELETE", "bucket", "website", "s3:DeleteBucketWebsite"],

  ["GetObject", "GET", "object", "", "s3:GetObject", { takes: READ_OBJECT, version: "s3:GetObjectVersion" }],
  ["HeadObject", "HEAD", "object", "", "s3:GetObject", { takes: READ_OBJECT, version: "s3:GetObjectVersion" }],
  ["PutObject", "PUT", "object", "", "s3:PutObject", { body: "object" }],
  ["CopyObject", "PUT", "object", "", "s3:PutObject", { copies: true }],
  ["DeleteObject", "DELETE", "object", "", "s3:DeleteObject",
    { takes: "versionId", version: "s3:DeleteObjectVersion" }],
  ["CreateMultipartUpload", "POST", "object", "uploads", "s3:PutObject"],
  ["UploadPart", "PUT", "object", "uploadId", "s3:PutObject", { takes: "partNumber", body: "object" }],
  ["UploadPartCopy", "PUT", "object", "uploadId", "s3:PutObject", { takes: "partNumber", copies: true }],
  ["CompleteMultipartUpload", "POST", "object", "uploadId", "s3:PutObject", XML],
  ["AbortMultipartUpload", "DELETE", "object", "uploadId", "s3:AbortMultipartUpload"],
  ["ListParts", "GET", "object", "uploadId", "s3:ListMultipartUploadParts",
    { takes: "max-parts part-number-marker encoding-type" }],
  ["GetObjectAcl", "GET", "object", "acl", "s3:GetObjectAcl",
    { takes: "versionId", version: "s3:GetObjectVersionAcl" }],
  ["PutObjectAcl", "PUT", "object", "acl", "s3:PutObjectAcl",
    { takes: "versionId", version: "s3:PutObjectVersionAcl", body: "xml" }],
  ["GetObjectAnnotation", "GET", "object", "annotation", "s3:GetObjectAnnotation",
    { takes: "annotationName versionId", version: "s3:GetObjectVersionAnnotation", forwarded: false }],
  ["PutObjectAnnotation", "PUT", "object", "annotation", "s3:PutObjectAnnotation",
    { takes: "annotationName versionId", version: "s3:PutObjectVersionAnnotation", body: "object", forwarded: false }],
  ["DeleteObjectAnnotation", "DELETE", "object", "annotation", "s3:DeleteObjectAnnotation",
    { takes: "annotationName versionId", version: "s3:DeleteObjectVersionAnnotation", forwarded: false }],
  ["GetObjectAttributes", "GET", "object", "attributes", "s3:GetObjectAttributes",
    { takes: "versionId", version: "s3:GetObjectVersionAttributes" }],
  ["GetObjectLegalHold", "GET", "object", "legal-hold", "s3:GetObjectLegalHold", { takes: "versionId" }],
  ["PutObjectLegalHold", "PUT", "object", "legal-hold", "s3:PutObjectLegalHold",
    { takes: "versionId", body: "xml" }],
  ["GetObjectRetention", "GET", "object", "retention", "s3:GetObjectRetention", { takes: "versionId" }],
  ["PutObjectRetention", "PUT", "object", "retention", "s3:PutObjectRetention",
    { takes: "versionId", body: "xml" }],
  ["GetObjectTagging", "GET", "object", "tagging", "s3:GetObjectTagging",
    { takes: "versionId", version: "s3:GetObjectVersionTagging" }],
  ["PutObjectTagging", "PUT", "object", "tagging", "s3:PutObjectTagging",
    { takes: "versionId", version: "s3:PutObjectVersionTagging", body: "xml" }],
  ["DeleteObjectTagging", "DELETE", "object", "tagging", "s3:DeleteObjectTagging",
    { takes: "versionId", version: "s3:DeleteObjectVersionTagging" }],
  ["GetObjectTorrent", "GET", "object", "torrent", "s3:GetObjectTorrent", OFF],
  ["RestoreObject", "POST", "object", "restore", "s3:RestoreObject",
    { takes: "versionId", body: "xml", forwarded: false }],
  ["SelectObjectContent", "POST", "object", "select", "s3:GetObject",
    { takes: "select-type", body: "xml", forwarded: false }],
  ["UpdateObjectEncryption", "PUT", "object", "encryption", "s3:UpdateObjectEncryption",
    { takes: "versionId", body: "xml", forwarded: false }],
  ["RenameObject", "PUT", "object", "renameObject", "s3:PutObject", OFF],
] as const satisfies readonly Row[];

/** The S3 API's own name of an operation. */
export type OperationName = typeof ROWS[number][0];
/** An IAM action that an operation's own row names. */
export type OperationAction = typeof ROWS[number][4] | VersionAction;
type VersionAction = Extract<typeof ROWS[number][5], { version: string }>["version"];

/** One operation, as its row says. */
export interface Operation {
  readonly name: OperationName;
  readonly method: Row[1];
  readonly level: Row[2];
  /** Name of the query parameter that selects the operation, or empty. */
  readonly subresource: string;
  /** Whether `x-amz-copy-source` selects it. */
  readonly copies: boolean;
  /** Further query parameters it takes. */
  readonly parameters: ReadonlySet<string>;
  /** Query parameters that it does without, as S3 does; they are not forwarded. */
  readonly ignored: ReadonlySet<string>;
  /** `none`: a body is refused; `object`: streamed; `xml`: a bounded document. */
  readonly body: "none" | "object" | "xml";
  /** IAM action on its resource. */
  readonly action: OperationAction;
  /** IAM action on its resource where `versionId` is given. */
  readonly versionAction: OperationAction;
  /** Whether it goes to any backend; else it is `NotImplemented`. */
  readonly forwarded: boolean;
}

/** Lists of what is in a bucket: S3 ignores in one what only another takes. */
const LISTS: ReadonlySet<string> = new Set<OperationName>([
  "ListMultipartUploads",
  "ListObjects",
  "ListObjectsV2",
  "ListObjectVersions",
]);
const LIST_PARAMETERS: ReadonlySet<string> = new Set(
  ROWS.flatMap(([name, , , , , exceptions]): string[] => {
    const { takes }: Exceptions = exceptions ?? {};
    return LISTS.has(name) ? takes?.split(" ") ?? [] : [];
  }),
);
const NONE: ReadonlySet<string> = new Set();

/** Every operation of the S3 API that this proxy knows. */
export const OPERATIONS: readonly Operation[] = ROWS.map(
  ([name, method, level, subresource, action, exceptions = {}]) => {
    const { takes, ignores, version, body, copies, forwarded }: Exceptions = exceptions;
    const parameters = new Set(takes?.split(" "));
    return Object.freeze({
      name,
      method,
      level,
      subresource,
      action,
      copies: copies ?? false,
      parameters,
      ignored: (LISTS.has(name) ? LIST_PARAMETERS.difference(parameters) : NONE)
        .union(new Set(ignores?.split(" "))),
      body: body ?? "none",
      // `version` is one of the literals above; `Exceptions` only widened its type.
      versionAction: (version as VersionAction | undefined) ?? action,
      forwarded: forwarded ?? true,
    });
  },
);
