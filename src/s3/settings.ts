/**
 * Settings of buckets and objects: which operations are about one, which of them a store is sent, and what its document is
 * called. A store takes a subresource that it does not know for the bare operation: `DELETE /bucket?encryption` deletes the
 * bucket (RGW 16, MinIO and others: docs/BACKENDS.md), and `GET /bucket?cors` lists it.
 * @module
 */

import { type Capabilities, type SettingName, SETTINGS } from "../stores/capabilities.ts";
import { S3Error } from "./error.ts";
import { type Operation, type OperationName, OPERATIONS } from "./operation_table.ts";

const BY_OPERATION: ReadonlyMap<OperationName, SettingName> = new Map(
  OPERATIONS.flatMap(({ name, level, subresource }): [OperationName, SettingName][] => {
    const wanted = level === "object" ? `object-${subresource}` : subresource;
    const setting = SETTINGS.find((setting) => setting === wanted);
    return setting === undefined ? [] : [[name, setting]];
  }),
);

/** Root elements; that of a policy is none, it is JSON. RGW has a name of its own for one. */
const ROOTS: Readonly<Record<SettingName, string | undefined>> = {
  "accelerate": "AccelerateConfiguration",
  "acl": "AccessControlPolicy",
  "cors": "CORSConfiguration",
  "encryption": "ServerSideEncryptionConfiguration",
  "lifecycle": "LifecycleConfiguration",
  "logging": "BucketLoggingStatus",
  "notification": "NotificationConfiguration",
  "object-acl": "AccessControlPolicy",
  "object-legal-hold": "LegalHold",
  "object-lock": "ObjectLockConfiguration",
  "object-retention": "Retention",
  "object-tagging": "Tagging",
  "ownershipControls": "OwnershipControls",
  "policy": undefined,
  "policyStatus": "PolicyStatus",
  "publicAccessBlock": "PublicAccessBlockConfiguration",
  "replication": "ReplicationConfiguration",
  "requestPayment": "RequestPaymentConfiguration",
  "tagging": "Tagging",
  "versioning": "VersioningConfiguration",
  "website": "WebsiteConfiguration",
};

/** The setting that an operation reads, writes or removes. */
export function findSetting({ name }: Pick<Operation, "name">): SettingName | undefined {
  return BY_OPERATION.get(name);
}

/**
 * Refuses an operation on a setting that the store does not know.
 * @throws {S3Error} `NotImplemented`.
 */
export function verifyKnownSetting(
  operation: Pick<Operation, "name" | "method">,
  { settings, settings_read }: Pick<Capabilities, "settings" | "settings_read">,
): void {
  const setting = BY_OPERATION.get(operation.name);
  if (setting === undefined || settings.includes(setting)) return;
  if (operation.method === "GET" && settings_read.includes(setting)) return;
  throw notImplemented(operation);
}

/**
 * Whether `document` is that of `setting`; white space and a declaration may stand before a root.
 */
export function isDocumentOf(setting: SettingName, document: string): boolean {
  const root = ROOTS[setting];
  if (root === undefined) return document.trimStart().startsWith("{");
  const [, name] = ROOT_NAME.exec(document) ?? [];
  return name === root || name === `Block${root}` && setting === "publicAccessBlock";
}

const ROOT_NAME = /^\uFEFF?\s*(?:<\?[^<>]*\?>\s*)?<([A-Za-z]+)[\s/>]/;

/** The error for a setting that the store does not have. */
export function notImplemented({ name }: Pick<Operation, "name">): S3Error {
  return new S3Error("NotImplemented", {
    message: `${name} is not implemented by the storage backend.`,
  });
}
