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
const PUBLISHING: ReadonlySet<OperationName> = new Set<OperationName>([
  "PutBucketPolicy",
  "PutBucketWebsite",
]);

/**
 * Refuses canned ACLs and grants that are not known to be private, bucket policies and websites.
 * @throws {S3Error} `AccessDenied`, with a message that names the setting.
 */
export function refusePublicAccess({ operation, headers }: S3Request): void {
  if (PUBLISHING.has(operation.name)) throw refused(operation.name);
  const acl = headers.get("x-amz-acl");
  if (acl !== undefined && !PRIVATE_ACLS.has(acl)) throw refused(`the ACL "${acl}"`);
  for (const [name, value] of headers) {
    if (name.startsWith("x-amz-grant-") && PUBLIC_GROUP.test(value)) throw refused(name);
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

function refused(what: string): S3Error {
  return new S3Error("AccessDenied", {
    message:
      `Access Denied: ${what} could make data public, which security.block_public_access prevents.`,
    reason: "block_public_access",
  });
}
