/**
 * Block public access: what would publish data around the proxy. The backend would serve it to anyone, without asking
 * here.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { OperationName } from "./operation_table.ts";
import type { S3Request } from "./request.ts";
import { childrenOf, textOf, type XmlElement } from "./xml.ts";

const PRIVATE_ACLS: ReadonlySet<string> = new Set([
  "private",
  "bucket-owner-read",
  "bucket-owner-full-control",
  "log-delivery-write",
  "aws-exec-read",
]);
const PUBLIC_GROUP = /\/groups\/global\/|AllUsers|AuthenticatedUsers/i;
/** What publishes, and what serves its purpose here. */
const INSTEAD: ReadonlyMap<OperationName, string> = new Map<OperationName, string>([
  [
    "PutBucketPolicy",
    "Give users rights in the proxy's configuration (grants or policy), and others presigned URLs.",
  ],
  ["PutBucketWebsite", "Put a web server with a read-only user in front, or use presigned URLs."],
]);

/**
 * Refuses what is allowed by a user's rules and not by what holds for everybody: {@linkcode verifyExpectedOwner},
 * {@linkcode verifyObjectOwnership} and {@linkcode refusePublicAccess}.
 * @throws {S3Error} theirs.
 */
export function verifyForEverybody(
  request: S3Request,
  { ownerId, blockPublicAccess }: { ownerId: string; blockPublicAccess: boolean },
): void {
  verifyExpectedOwner(request, ownerId);
  verifyObjectOwnership(request, { blockPublicAccess });
  if (blockPublicAccess) refusePublicAccess(request);
}

/**
 * Refuses canned ACLs and grants that are not known to be private, bucket policies and websites.
 * @throws {S3Error} `AccessDenied`, with a message that names the setting.
 */
function refusePublicAccess({ operation, headers }: S3Request): void {
  const instead = INSTEAD.get(operation.name);
  if (instead !== undefined) throw refused(operation.name, instead);
  const acl = headers.get("x-amz-acl");
  if (acl !== undefined && !PRIVATE_ACLS.has(acl)) throw refused(`the ACL "${acl}"`);
  for (const [name, value] of headers) {
    if (name.startsWith("x-amz-grant-") && PUBLIC_GROUP.test(value)) throw refused(name);
  }
}

/** What is so in any case while ACLs cannot publish: the bucket's owner owns what is in it. */
const OWNERSHIPS: ReadonlySet<string> = new Set(["BucketOwnerEnforced", "BucketOwnerPreferred"]);

/**
 * Holds CreateBucket's `x-amz-object-ownership`, which RGW does not know, to what is true here; it is not forwarded.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html}.
 * @throws {S3Error} `NotImplemented` for `ObjectWriter`, and for any while public access is not blocked;
 *   `InvalidArgument` for what is none.
 */
function verifyObjectOwnership(
  { operation, headers }: S3Request,
  { blockPublicAccess }: { blockPublicAccess: boolean },
): void {
  const name = "x-amz-object-ownership";
  const value = operation.name === "CreateBucket" ? headers.get(name) : undefined;
  if (value === undefined || blockPublicAccess && OWNERSHIPS.has(value)) return;
  if (value !== "ObjectWriter" && !OWNERSHIPS.has(value)) {
    throw new S3Error("InvalidArgument", {
      message: `Invalid ${name} value: it is one of ${[...OWNERSHIPS].join(", ")}, ObjectWriter.`,
      detail: { ArgumentName: name },
    });
  }
  const why = blockPublicAccess
    ? "all objects belong to the bucket's owner here"
    : "the storage backend keeps ACLs, and security.block_public_access is off";
  throw new S3Error("NotImplemented", {
    message: `${name}: ${value} is not implemented: ${why}.`,
    detail: { Header: name },
  });
}

/** What says who owns the bucket that is asked for, or the one that is copied from. */
const EXPECTED_OWNERS = ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];

/**
 * Holds a request to the owner it expects. RGW ignores that; here each user owns all buckets it sees.
 * @throws {S3Error} `AccessDenied` for another, as S3 does.
 */
function verifyExpectedOwner({ headers }: S3Request, ownerId: string): void {
  for (const name of EXPECTED_OWNERS) {
    const expected = headers.get(name);
    if (expected === undefined || expected === ownerId) continue;
    throw new S3Error("AccessDenied", {
      message:
        `Access Denied: ${name} is not the id of the owner, which here is the user's own name.`,
      reason: "expected_bucket_owner",
    });
  }
}

/**
 * Refuses an `<AccessControlPolicy>` that grants to a group of everybody.
 * @throws {S3Error} `AccessDenied`.
 */
export function refusePublicAcl(acl: XmlElement): void {
  if (grantsToGroup(acl)) throw refused("this ACL");
}

function grantsToGroup(element: XmlElement): boolean {
  if (element.name === "URI" && PUBLIC_GROUP.test(textOf(element))) return true;
  return childrenOf(element).some(grantsToGroup);
}

function refused(
  what: string,
  instead = "Give users rights in the proxy's configuration, and others presigned URLs.",
): S3Error {
  return new S3Error("AccessDenied", {
    message:
      `Access Denied: ${what} could make data public, which security.block_public_access prevents. ${instead}`,
    reason: "block_public_access",
  });
}
