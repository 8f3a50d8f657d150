/**
 * What an object gets by headers of the request that makes it: tags, locks, names of metadata, encryption.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Capabilities, EncryptionName, KeptHeader } from "../stores/capabilities.ts";
import type { ProbeStore } from "./probe_store.ts";

type Headers = Readonly<Record<string, string>>;
type Making = "put" | "create" | "copy";

const MAKINGS: readonly Making[] = ["put", "create", "copy"];
const LOCK = { "x-amz-object-lock-legal-hold": "ON" };
const UNLOCK =
  '<LegalHold xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>OFF</Status></LegalHold>';

/** Makes an object with `headers` in one of three ways. */
async function make(
  store: ProbeStore,
  { making, key, headers, bucket = store.bucket }: {
    making: Making;
    key: string;
    headers: Headers;
    bucket?: string;
  },
): Promise<void> {
  if (making === "put") {
    const md5 = createHash("md5").update("one").digest("base64"); // which S3 wants beside a lock
    await store.send("PUT", {
      bucket,
      key,
      headers: { ...headers, "content-md5": md5 },
      body: "one",
    });
  } else if (making === "copy") {
    const source = store.key("tagged-source");
    await store.put(source, { bucket });
    const directive = "x-amz-tagging" in headers ? { "x-amz-tagging-directive": "REPLACE" } : {};
    const all = { ...headers, ...directive, "x-amz-copy-source": `/${bucket}/${source}` };
    await store.send("PUT", { bucket, key, headers: all });
  } else {
    const uploadId = await store.begin(key, { bucket, headers });
    const query = { partNumber: "1", uploadId };
    const part = await store.send("PUT", { bucket, key, query, body: "one" });
    const eTag = (part.headers.get("etag") ?? "").replaceAll('"', "");
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${eTag}</ETag>` +
      "</Part></CompleteMultipartUpload>";
    await store.send("POST", { bucket, key, query: { uploadId }, body });
  }
}

/** Tags, and, where the store makes a bucket with locks, legal holds, which are lifted again. */
export async function measureKept(
  store: ProbeStore,
): Promise<Partial<Pick<Capabilities, "keeps">>> {
  const keeps: KeptHeader[] = [];
  for (const making of MAKINGS) {
    const key = store.key(`tagged-${making}`);
    try {
      await make(store, { making, key, headers: { "x-amz-tagging": "probe=kept" } });
    } catch {
      continue; // refused, which loses nothing
    }
    const { text } = await store.send("GET", { key, query: { tagging: "" } });
    if (text?.includes("<Value>kept</Value>")) keeps.push(`${making}.tags`);
  }
  if (!store.isOwnBucket) return {};
  const bucket = `${store.prefix.slice(0, -1)}-locks`;
  const made = await store.makeBucket(bucket, { "x-amz-bucket-object-lock-enabled": "true" });
  if (made.status !== 200) return { keeps };
  for (const making of MAKINGS) {
    if (await keepsLock(store, { bucket, making })) keeps.push(`${making}.locks`);
  }
  return { keeps };
}

async function keepsLock(
  store: ProbeStore,
  { bucket, making }: { bucket: string; making: Making },
): Promise<boolean> {
  const key = store.key(`locked-${making}`);
  try {
    await make(store, { making, key, headers: LOCK, bucket });
  } catch {
    return false;
  }
  const query = { "legal-hold": "" };
  const { text } = await store.send("GET", { bucket, key, query });
  const md5 = createHash("md5").update(UNLOCK).digest("base64");
  await store.send("PUT", { bucket, key, query, body: UNLOCK, headers: { "content-md5": md5 } });
  return text?.includes("<Status>ON</Status>") ?? false;
}

/** How `a_b` comes back. */
export async function measureMetadata(
  store: ProbeStore,
): Promise<Pick<Capabilities, "metadata_names">> {
  const key = store.key("named");
  await store.put(key, { headers: { "x-amz-meta-probe_a": "1", "x-amz-meta-probe-b": "2" } });
  const { headers } = await store.send("HEAD", { key });
  const isExact = headers.get("x-amz-meta-probe_a") === "1" &&
    headers.get("x-amz-meta-probe-b") === "2";
  return { metadata_names: isExact ? "exact" : "dashes" };
}

/** A request for encryption that is answered with 200 must be confirmed in the answer; one that is refused loses nothing. */
export async function measureEncryption(
  store: ProbeStore,
): Promise<Pick<Capabilities, "encryption" | "encryption_told">> {
  const encryption: EncryptionName[] = [];
  let isTold = true;
  const header = "x-amz-server-side-encryption";
  for (const name of ["AES256", "aws:kms", "aws:kms:dsse"] as const) {
    const key = store.key("encrypted");
    const reply = await store.send("PUT", { key, headers: { [header]: name }, body: "one" });
    if (reply.status !== 200 || reply.headers.get(header) === name) encryption.push(name);
    else isTold = false;
  }
  const customerKey = Buffer.alloc(32, "k");
  const asked = {
    [`${header}-customer-algorithm`]: "AES256",
    [`${header}-customer-key`]: customerKey.toString("base64"),
    [`${header}-customer-key-md5`]: createHash("md5").update(customerKey).digest("base64"),
  };
  const key = store.key("encrypted-by-key");
  const reply = await store.send("PUT", { key, headers: asked, body: "one" });
  const told = reply.headers.get(`${header}-customer-algorithm`);
  if (reply.status !== 200 || told === "AES256" && await store.read(key) === undefined) {
    encryption.push("customer-key");
  } else isTold = false;
  return { encryption, encryption_told: isTold };
}
