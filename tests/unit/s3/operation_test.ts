import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-s3";
import type { S3ErrorCode } from "../../../src/s3/error.ts";
import { parseMethod, parseOperation } from "../../../src/s3/operation.ts";
import { OPERATIONS } from "../../../src/s3/operation_table.ts";
import { assertRefused, parseSample } from "./sample_request.ts";

/**
 * The S3 API's own list: method, level, subresource (`-` for none), name; `!` is not forwarded,
 * `copy` needs a source.
 */
const API = `
GET service - ListBuckets
HEAD bucket - HeadBucket
PUT bucket - CreateBucket
DELETE bucket - DeleteBucket
GET bucket - ListObjects
GET bucket list-type ListObjectsV2
GET bucket versions ListObjectVersions
GET bucket uploads ListMultipartUploads
POST bucket delete DeleteObjects
POST bucket - PostObject
GET bucket abac GetBucketAbac !
PUT bucket abac PutBucketAbac !
GET bucket accelerate GetBucketAccelerateConfiguration
PUT bucket accelerate PutBucketAccelerateConfiguration
GET bucket acl GetBucketAcl
PUT bucket acl PutBucketAcl
GET bucket analytics GetBucketAnalyticsConfiguration !
PUT bucket analytics PutBucketAnalyticsConfiguration !
DELETE bucket analytics DeleteBucketAnalyticsConfiguration !
GET bucket cors GetBucketCors
PUT bucket cors PutBucketCors
DELETE bucket cors DeleteBucketCors
GET bucket encryption GetBucketEncryption
PUT bucket encryption PutBucketEncryption
DELETE bucket encryption DeleteBucketEncryption
GET bucket intelligent-tiering GetBucketIntelligentTieringConfiguration !
PUT bucket intelligent-tiering PutBucketIntelligentTieringConfiguration !
DELETE bucket intelligent-tiering DeleteBucketIntelligentTieringConfiguration !
GET bucket inventory GetBucketInventoryConfiguration !
PUT bucket inventory PutBucketInventoryConfiguration !
DELETE bucket inventory DeleteBucketInventoryConfiguration !
GET bucket lifecycle GetBucketLifecycleConfiguration
PUT bucket lifecycle PutBucketLifecycleConfiguration
DELETE bucket lifecycle DeleteBucketLifecycle
GET bucket location GetBucketLocation
GET bucket logging GetBucketLogging
PUT bucket logging PutBucketLogging
GET bucket metadataConfiguration GetBucketMetadataConfiguration !
POST bucket metadataConfiguration CreateBucketMetadataConfiguration !
DELETE bucket metadataConfiguration DeleteBucketMetadataConfiguration !
GET bucket metadataTable GetBucketMetadataTableConfiguration !
POST bucket metadataTable CreateBucketMetadataTableConfiguration !
DELETE bucket metadataTable DeleteBucketMetadataTableConfiguration !
PUT bucket metadataAnnotationTable UpdateBucketMetadataAnnotationTableConfiguration !
PUT bucket metadataInventoryTable UpdateBucketMetadataInventoryTableConfiguration !
PUT bucket metadataJournalTable UpdateBucketMetadataJournalTableConfiguration !
GET bucket metrics GetBucketMetricsConfiguration !
PUT bucket metrics PutBucketMetricsConfiguration !
DELETE bucket metrics DeleteBucketMetricsConfiguration !
GET bucket notification GetBucketNotificationConfiguration
PUT bucket notification PutBucketNotificationConfiguration
GET bucket object-lock GetObjectLockConfiguration
PUT bucket object-lock PutObjectLockConfiguration
GET bucket ownershipControls GetBucketOwnershipControls
PUT bucket ownershipControls PutBucketOwnershipControls
DELETE bucket ownershipControls DeleteBucketOwnershipControls
GET bucket policy GetBucketPolicy
PUT bucket policy PutBucketPolicy
DELETE bucket policy DeleteBucketPolicy
GET bucket policyStatus GetBucketPolicyStatus
GET bucket publicAccessBlock GetPublicAccessBlock
PUT bucket publicAccessBlock PutPublicAccessBlock
DELETE bucket publicAccessBlock DeletePublicAccessBlock
GET bucket replication GetBucketReplication
PUT bucket replication PutBucketReplication
DELETE bucket replication DeleteBucketReplication
GET bucket requestPayment GetBucketRequestPayment
PUT bucket requestPayment PutBucketRequestPayment
GET bucket tagging GetBucketTagging
PUT bucket tagging PutBucketTagging
DELETE bucket tagging DeleteBucketTagging
GET bucket versioning GetBucketVersioning
PUT bucket versioning PutBucketVersioning
GET bucket website GetBucketWebsite
PUT bucket website PutBucketWebsite
DELETE bucket website DeleteBucketWebsite
GET object - GetObject
HEAD object - HeadObject
PUT object - PutObject
PUT object - CopyObject copy
DELETE object - DeleteObject
POST object uploads CreateMultipartUpload
PUT object uploadId UploadPart
PUT object uploadId UploadPartCopy copy
POST object uploadId CompleteMultipartUpload
DELETE object uploadId AbortMultipartUpload
GET object uploadId ListParts
GET object acl GetObjectAcl
PUT object acl PutObjectAcl
GET object annotation GetObjectAnnotation !
PUT object annotation PutObjectAnnotation !
DELETE object annotation DeleteObjectAnnotation !
GET object attributes GetObjectAttributes
GET object legal-hold GetObjectLegalHold
PUT object legal-hold PutObjectLegalHold
GET object retention GetObjectRetention
PUT object retention PutObjectRetention
GET object tagging GetObjectTagging
PUT object tagging PutObjectTagging
DELETE object tagging DeleteObjectTagging
GET object torrent GetObjectTorrent !
POST object restore RestoreObject !
POST object select SelectObjectContent !
PUT object encryption UpdateObjectEncryption !
PUT object renameObject RenameObject !`;

interface Row {
  readonly name: string;
  readonly isForwarded: boolean;
}

const ROWS = new Map(
  API.trim().split("\n").map((line): [selector: string, row: Row] => {
    const [method, level, subresource, name = "", mark] = line.split(" ");
    const selector = [method, level, subresource, ...mark === "copy" ? [mark] : []].join(" ");
    return [selector, { name, isForwarded: mark !== "!" }];
  }),
);
const SUBRESOURCES = [...new Set(API.trim().split("\n").map((line) => line.split(" ")[2] ?? ""))];
const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;
const LEVELS = ["service", "bucket", "object"] as const;

for (const level of LEVELS) {
  for (const method of METHODS) {
    for (const subresource of SUBRESOURCES) {
      for (const copies of [false, true]) {
        const selector = `${method} ${level} ${subresource}${copies ? " copy" : ""}`;
        const row = ROWS.get(selector);
        const names = subresource === "-" ? [] : [subresource];
        const parse = (): string => parseOperation({ method, level, copies, names }).name;
        Deno.test(`parseOperation() Z8 knows ${selector} as ${row?.name ?? "nothing"}`, () => {
          if (row === undefined) assertRefused(parse, refusalOf(selector));
          else if (row.isForwarded) assert.equal(parse(), row.name);
          else assertRefused(parse, "NotImplemented");
        });
      }
    }
  }
}

function refusalOf(selector: string): S3ErrorCode {
  if (selector.endsWith(" copy")) return "InvalidArgument";
  // Lists of a bucket, of which S3 says so.
  if (/^GET object (?:uploads|versions)$/.test(selector)) return "InvalidRequest";
  return "MethodNotAllowed";
}

/** Of the SDK's commands: the same request as another but for its parameters, or for other endpoints than S3's own. */
const NO_OPERATIONS = [
  "CreateSession",
  "ListBucketAnalyticsConfigurations",
  "ListBucketIntelligentTieringConfigurations",
  "ListBucketInventoryConfigurations",
  "ListBucketMetricsConfigurations",
  "ListDirectoryBuckets",
  "ListObjectAnnotations",
  "WriteGetObjectResponse",
];

Deno.test("OPERATIONS has every operation that AWS's SDK has a command for", () => {
  const commands = Object.keys(sdk).filter((name) => /^[A-Z].*[a-z]Command$/.test(name))
    .map((name) => name.replace(/Command$/, ""));
  assert.ok(commands.length > 100);
  const known = new Set<string>([...OPERATIONS.map(({ name }) => name), ...NO_OPERATIONS]);
  assert.deepEqual(commands.filter((name) => !known.has(name)), []);
});

Deno.test("OPERATIONS has the API's operations and no other, each frozen", () => {
  assert.deepEqual(
    OPERATIONS.map(({ name }) => name).toSorted(),
    [...ROWS.values()].map(({ name }) => name).toSorted(),
  );
  assert.ok(OPERATIONS.every(Object.isFrozen));
});

for (
  const names of [
    ["anything"],
    ["ACL"],
    ["Acl"],
    ["acl "],
    [" acl"],
    [""],
    ["uploadid"],
    ["versionID"],
    ["Prefix"],
    ["append"],
    ["position"],
    ["rgwx-uid"],
    ["format"],
    ["prefix", "anything"],
    ["x-amz-acl"],
    ["__proto__"],
    ["constructor"],
  ]
) {
  for (const level of LEVELS) {
    Deno.test(`parseOperation() Z8 refuses "${names.join("&")}" on GET ${level}`, () => {
      assertRefused(
        () => parseOperation({ method: "GET", level, copies: false, names }),
        "InvalidArgument",
      );
    });
  }
}

for (const method of METHODS) {
  for (const names of [["acl", "tagging"], ["uploads", "uploadId"], ["list-type", "versions"]]) {
    Deno.test(`parseOperation() Z8 refuses ${method} with ${names.join(" and ")}`, () => {
      for (const level of LEVELS) {
        for (const order of [names, names.toReversed()]) {
          assertRefused(
            () => parseOperation({ method, level, copies: false, names: order }),
            "InvalidArgument",
          );
        }
      }
    });
  }
}

for (
  const [what, method, level, names] of [
    ["versionId where a bucket would be deleted", "DELETE", "bucket", ["versionId"]],
    ["versionId on PutObject", "PUT", "object", ["versionId"]],
    ["versionId with an upload", "PUT", "object", ["uploadId", "partNumber", "versionId"]],
    ["partNumber without an upload", "PUT", "object", ["partNumber"]],
    ["response-* on PutObject", "PUT", "object", ["response-content-type"]],
    ["response-* on HeadBucket", "HEAD", "bucket", ["response-content-type"]],
    ["an unknown response-*", "GET", "object", ["response-location"]],
    ["prefix on an object", "GET", "object", ["prefix"]],
    ["max-buckets on a listing", "GET", "bucket", ["list-type", "max-buckets"]],
    ["prefix on HeadBucket", "HEAD", "bucket", ["prefix"]],
  ] as const
) {
  Deno.test(`parseOperation() Z8 refuses ${what}`, () => {
    assertRefused(
      () => parseOperation({ method, level, copies: false, names }),
      "InvalidArgument",
    );
  });
}

for (
  const method of ["PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "Get", "", "GET ", "PROPFIND"]
) {
  Deno.test(`parseMethod() refuses "${method}"`, () => {
    assertRefused(() => parseMethod(method), "MethodNotAllowed");
  });
}

for (
  const [method, target, code] of [
    ["POST", "/", "MethodNotAllowed"],
    ["PUT", "/", "MethodNotAllowed"],
    ["DELETE", "/", "MethodNotAllowed"],
    ["HEAD", "/", "MethodNotAllowed"],
    ["POST", "/?Action=AssumeRole", "MethodNotAllowed"],
    ["GET", "/?Action=ListUsers", "InvalidArgument"],
    ["GET", "/bucket?session", "InvalidArgument"],
    ["POST", "/WriteGetObjectResponse", "InvalidBucketName"],
    ["PUT", "/bucket/key?append&position=0", "InvalidArgument"],
    ["PUT", "/bucket/key?anything", "InvalidArgument"],
    ["DELETE", "/bucket/key?acl", "MethodNotAllowed"],
    ["DELETE", "/bucket?encryption", "NotImplemented"],
    ["GET", "/bucket/key?torrent", "NotImplemented"],
    ["GET", "/bucket?rgwx-stats=true", "InvalidArgument"],
    ["PUT", "/bucket?lifecycle&withUpdatedAt=true", "InvalidArgument"],
    ["GET", "/admin/user?uid=x", "InvalidBucketName"],
    ["GET", "/swift/v1", "InvalidBucketName"],
    ["GET", "/auth/v1.0", "InvalidBucketName"],
  ] as const
) {
  Deno.test(`parseS3Request() Z20 refuses ${method} ${target}`, () => {
    assertRefused(() => parseSample({ method, target }), code);
  });
}

Deno.test("parseS3Request() takes the parameters that MinIO's client adds", () => {
  for (
    const [target, name] of [
      ["/bucket?lifecycle&withUpdatedAt=true", "GetBucketLifecycleConfiguration"],
      ["/bucket?list-type=2&metadata=true&prefix=", "ListObjectsV2"],
    ]
  ) {
    assert.equal(parseSample({ method: "GET", target: target ?? "" }).operation.name, name);
  }
});
