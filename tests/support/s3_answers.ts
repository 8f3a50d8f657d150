/**
 * What a backend that knows its S3 says to a read, for tests that are about something else: the version that was asked for,
 * and a setting's own document.
 * @module
 */

import type { Header } from "./signer.ts";

const ROOTS: Readonly<Record<string, string>> = {
  "accelerate": "<AccelerateConfiguration/>",
  "acl": "<AccessControlPolicy><Owner><ID>master</ID></Owner></AccessControlPolicy>",
  "cors": "<CORSConfiguration/>",
  "encryption": "<ServerSideEncryptionConfiguration/>",
  "legal-hold": "<LegalHold/>",
  "lifecycle": "<LifecycleConfiguration/>",
  "logging": "<BucketLoggingStatus/>",
  "notification": "<NotificationConfiguration/>",
  "object-lock": "<ObjectLockConfiguration/>",
  "ownershipControls": "<OwnershipControls/>",
  "policy": "{}",
  "policyStatus": "<PolicyStatus/>",
  "publicAccessBlock": "<PublicAccessBlockConfiguration/>",
  "replication": "<ReplicationConfiguration/>",
  "requestPayment": "<RequestPaymentConfiguration/>",
  "retention": "<Retention/>",
  "tagging": "<Tagging/>",
  "versioning": "<VersioningConfiguration/>",
  "website": "<WebsiteConfiguration/>",
};

/** Headers and body of the answer to a request for `target`. */
export function answerLikeS3(
  { method, target }: { method: string; target: string },
): { headers: Header[]; body: string } {
  const parameters = new URLSearchParams(target.split("?")[1] ?? "");
  const versionId = parameters.get("versionId");
  const setting = [...parameters.keys()].find((name) => name in ROOTS) ?? "";
  return {
    headers: versionId === null ? [] : [["x-amz-version-id", versionId]],
    body: method === "GET" ? ROOTS[setting] ?? "" : "",
  };
}
