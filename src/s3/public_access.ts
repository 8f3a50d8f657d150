/**
 * Block public access: what would let anybody in around the proxy, the public or another account. The backend would serve
 * them without asking here.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import type { OperationName } from "./operation_table.ts";
import { givesRights, namesOwnerOnly, readGrantees, replaceOwnerGrants } from "./grants.ts";
import type { S3Request } from "./request.ts";
import type { XmlElement } from "./xml.ts";

/** ACLs that give rights only to the owners of bucket and object, who are the same here. */
const PRIVATE_ACLS: ReadonlySet<string> = new Set([
  "private",
  "bucket-owner-read",
  "bucket-owner-full-control",
]);
/** Operations that publish, and what to use instead here. */
const INSTEAD: ReadonlyMap<OperationName, string> = new Map<OperationName, string>([
  [
    "PutBucketPolicy",
    "Give users rights in the proxy's configuration (grants or policy), and others presigned URLs.",
  ],
  ["PutBucketWebsite", "Put a web server with a read-only user in front, or use presigned URLs."],
]);

/**
 * Refuses requests that a user's rules allow and the rules for everybody do not: {@linkcode verifyExpectedOwner},
 * {@linkcode verifyObjectOwnership} and {@linkcode refusePublicAccess}.
 * @returns The request as it is to be sent: {@linkcode replaceOwnerGrants}.
 * @throws {S3Error} theirs.
 */
export function verifyForEverybody(
  request: S3Request,
  { ownerId, blockPublicAccess }: { ownerId: string; blockPublicAccess: boolean },
): S3Request {
  verifyExpectedOwner(request, ownerId);
  verifyObjectOwnership(request, { blockPublicAccess });
  if (blockPublicAccess) refusePublicAccess(request, ownerId);
  return replaceOwnerGrants(request, ownerId);
}

/**
 * Refuses canned ACLs that are not known to be private, grants to others than `ownerId`, bucket policies and websites.
 * @throws {S3Error} `AccessDenied`, with a message that names the setting; those of {@linkcode readGrantees}.
 */
function refusePublicAccess(request: S3Request, ownerId: string): void {
  const { operation, headers } = request;
  const instead = INSTEAD.get(operation.name);
  if (instead !== undefined) throw refused(operation.name, instead);
  const acl = headers.get("x-amz-acl");
  if (acl !== undefined && !PRIVATE_ACLS.has(acl)) throw refused(`the ACL "${acl}"`);
  if (readGrantees(request, ownerId).others) throw refused("a grant to others than the owner");
}

/** True in any case while ACLs cannot publish: the bucket's owner owns the objects in it. */
const OWNERSHIPS: ReadonlySet<string> = new Set(["BucketOwnerEnforced", "BucketOwnerPreferred"]);

/**
 * Checks CreateBucket's `x-amz-object-ownership`, which RGW does not know, against what is true here; it is not forwarded.
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
      message: `Invalid ${name} header: ${value}`,
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

/** Headers that name the expected owner of the bucket, or of the one that is copied from. */
const EXPECTED_OWNERS = ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"];

/**
 * Checks the owner that a request expects. RGW ignores that header; here each user owns all buckets that it sees.
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
 * Refuses an `<AccessControlPolicy>` that names anybody but `ownerId`.
 * @throws {S3Error} `AccessDenied`.
 */
export function refuseForeignAcl(acl: XmlElement, ownerId: string): void {
  if (!namesOwnerOnly(acl, ownerId)) throw refused("a grant to others than the owner");
}

/**
 * Refuses a document that grants anything to anybody, or gives it to another owner: log files and replicas, of which the owner has
 * the rights in any case.
 * @throws {S3Error} `AccessDenied`.
 */
export function refuseGrants(document: XmlElement): void {
  if (givesRights(document)) throw refused("a grant, or another owner,");
}

function refused(
  what: string,
  instead = "Give users rights in the proxy's configuration, and others presigned URLs.",
): S3Error {
  return new S3Error("AccessDenied", {
    message:
      `Access Denied: ${what} would let others in around this server, which security.block_public_access prevents. ${instead}`,
    reason: "block_public_access",
  });
}
