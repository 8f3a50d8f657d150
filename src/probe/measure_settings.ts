/**
 * Which settings a store has: written, read and removed in a bucket of the probe's own, which must still be there then.
 * @module
 */

import { createHash } from "node:crypto";
import { isDocumentOf } from "../s3/settings.ts";
import { type Capabilities, type SettingName, SETTINGS } from "../stores/capabilities.ts";
import { describe, type ProbeStore } from "./probe_store.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** What is written: nothing that lets anybody in, or removes anything. */
const DOCUMENTS: Readonly<Partial<Record<SettingName, string>>> = {
  "accelerate": root("AccelerateConfiguration", "<Status>Suspended</Status>"),
  "cors": root(
    "CORSConfiguration",
    "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>https://probe.invalid" +
      "</AllowedOrigin></CORSRule>",
  ),
  "encryption": root(
    "ServerSideEncryptionConfiguration",
    "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>" +
      "</ApplyServerSideEncryptionByDefault></Rule>",
  ),
  "lifecycle": root(
    "LifecycleConfiguration",
    "<Rule><ID>probe</ID><Filter><Prefix>none/</Prefix></Filter><Status>Disabled</Status>" +
      "<Expiration><Days>3650</Days></Expiration></Rule>",
  ),
  "object-tagging": root("Tagging", "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"),
  "ownershipControls": root(
    "OwnershipControls",
    "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
  ),
  "publicAccessBlock": root(
    "PublicAccessBlockConfiguration",
    "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>" +
      "<BlockPublicPolicy>true</BlockPublicPolicy>" +
      "<RestrictPublicBuckets>true</RestrictPublicBuckets>",
  ),
  "requestPayment": root("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
  "tagging": root("Tagging", "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"),
  "versioning": root("VersioningConfiguration", "<Status>Enabled</Status>"),
};

/** What must be read again of what was written. */
const MARKS: Readonly<Partial<Record<SettingName, string>>> = {
  "cors": "probe.invalid",
  "encryption": "AES256",
  "lifecycle": "none/",
  "object-tagging": "<Value>b</Value>",
  "ownershipControls": "BucketOwnerEnforced",
  "tagging": "<Value>b</Value>",
  "versioning": "Enabled",
};

/** Those that a DELETE removes. */
const REMOVABLE: ReadonlySet<SettingName> = new Set<SettingName>([
  "cors",
  "encryption",
  "lifecycle",
  "object-tagging",
  "ownershipControls",
  "publicAccessBlock",
  "tagging",
]);

function root(name: string, content: string): string {
  return `<${name} xmlns="${NAMESPACE}">${content}</${name}>`;
}

/** What can be told of settings; `untold` are those that are only read. */
export async function measureSettings(
  store: ProbeStore,
): Promise<Pick<Capabilities, "settings" | "settings_read"> & { untold: readonly SettingName[] }> {
  const settings: SettingName[] = [];
  const read: SettingName[] = [];
  for (const setting of SETTINGS) {
    if (!await isRead(store, setting)) continue;
    if (store.isOwnBucket && await isWritten(store, setting)) settings.push(setting);
    else read.push(setting);
  }
  const untold = SETTINGS.filter((setting) =>
    !store.isOwnBucket || DOCUMENTS[setting] === undefined
  );
  return { settings, settings_read: read, untold };
}

function place(
  store: ProbeStore,
  setting: SettingName,
): { key?: string; query: Record<string, string> } {
  const isObject = setting.startsWith("object-") && setting !== "object-lock";
  const query = { [isObject ? setting.slice("object-".length) : setting]: "" };
  return isObject ? { key: store.key("settings"), query } : { query };
}

/** Its own document, or an error that says that there is none; not `NotImplemented`, and not a list. */
async function isRead(store: ProbeStore, setting: SettingName): Promise<boolean> {
  await store.put(store.key("settings"));
  const reply = await store.send("GET", place(store, setting));
  if (reply.status === 200) return isDocumentOf(setting, reply.text ?? "");
  return /NoSuch(?!Key|Bucket$)|NotFound|ObjectLockConfiguration|InvalidRequest/.test(
    describe(reply),
  );
}

async function isWritten(store: ProbeStore, setting: SettingName): Promise<boolean> {
  const body = DOCUMENTS[setting];
  if (body === undefined) return false;
  const md5 = createHash("md5").update(body).digest("base64");
  const at = place(store, setting);
  const put = await store.send("PUT", { ...at, body, headers: { "content-md5": md5 } });
  if (put.status !== 200 && put.status !== 204) return false;
  const read = await store.send("GET", at);
  const text = read.text ?? "";
  if (read.status !== 200 || !isDocumentOf(setting, text)) return false;
  if (!text.includes(MARKS[setting] ?? "")) return false;
  if (!REMOVABLE.has(setting)) return true;
  await store.send("DELETE", at);
  if ((await store.send("HEAD", {})).status !== 200) {
    await store.makeBucket(store.bucket); // it was taken for DeleteBucket
    return false;
  }
  return await store.read(store.key("settings")) === "one";
}
