/**
 * Which checksums a store keeps, and whether it checks a body against the hash that was signed.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createChecksumHasher } from "../payload/checksum.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { type Capabilities, type ChecksumName, CHECKSUMS } from "../stores/capabilities.ts";
import type { ProbeStore } from "./probe_store.ts";

const BODY = "checksummed";
const ENABLED = { "x-amz-checksum-mode": "ENABLED" };

function digest(name: ChecksumName, text: string): string {
  const hasher = createChecksumHasher(name);
  hasher.update(encodeUtf8(text));
  return Buffer.from(hasher.digest()).toString("base64");
}

/** All of them. */
export async function measureChecksums(
  store: ProbeStore,
): Promise<
  Pick<Capabilities, "checksums" | "checksum_trailers" | "checksum_parts" | "payload_hash">
> {
  const checksums: ChecksumName[] = [];
  for (const name of CHECKSUMS) {
    const header = `x-amz-checksum-${name.toLowerCase()}`;
    const value = digest(name, BODY);
    const key = store.key(`checksum-${name}`);
    await store.send("PUT", { key, body: BODY, headers: { [header]: value } });
    const read = await store.send("HEAD", { key, headers: ENABLED });
    if (read.headers.get(header) === value) checksums.push(name);
  }
  return {
    checksums,
    checksum_trailers: await keepsTrailer(store),
    checksum_parts: await keepsParts(store, "FULL_OBJECT") && await keepsParts(store, "COMPOSITE"),
    payload_hash: await holdsToHash(store),
  };
}

/** As the proxy sends it: no Content-Encoding. */
async function keepsTrailer(store: ProbeStore): Promise<boolean> {
  const key = store.key("trailer");
  const value = digest("CRC32", BODY);
  const body = `${
    BODY.length.toString(16)
  }\r\n${BODY}\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`;
  const headers = {
    "x-amz-decoded-content-length": String(BODY.length),
    "x-amz-trailer": "x-amz-checksum-crc32",
  };
  const payloadHash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  await store.send("PUT", { key, body, headers, payloadHash });
  const read = await store.send("GET", { key, headers: ENABLED });
  return read.text === BODY && read.headers.get("x-amz-checksum-crc32") === value &&
    read.headers.get("content-encoding") === null;
}

async function keepsParts(
  store: ProbeStore,
  type: "FULL_OBJECT" | "COMPOSITE",
): Promise<boolean> {
  const key = store.key(`parts-${type}`);
  const name = type === "COMPOSITE" ? "SHA256" : "CRC32";
  const header = `x-amz-checksum-${name.toLowerCase()}`;
  const value = digest(name, BODY);
  try {
    const begun = { "x-amz-checksum-algorithm": name, "x-amz-checksum-type": type };
    const uploadId = await store.begin(key, { headers: begun });
    const query = { partNumber: "1", uploadId };
    const part = await store.send("PUT", { key, query, body: BODY, headers: { [header]: value } });
    const eTag = (part.headers.get("etag") ?? "").replaceAll('"', "");
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${eTag}</ETag>` +
      `<Checksum${name}>${value}</Checksum${name}></Part></CompleteMultipartUpload>`;
    const headers = {
      "x-amz-checksum-type": type,
      ...(type === "COMPOSITE" ? {} : { [header]: value }),
    };
    await store.send("POST", { key, query: { uploadId }, body, headers });
  } catch {
    return false;
  }
  const read = await store.send("HEAD", { key, headers: ENABLED });
  const told = read.headers.get(header);
  if (type === "FULL_OBJECT") return told === value;
  const composed = createHash("sha256").update(Buffer.from(value, "base64")).digest("base64");
  return told === `${composed}-1`;
}

async function holdsToHash(store: ProbeStore): Promise<boolean> {
  const key = store.key("hashed");
  await store.put(key);
  const payloadHash = createHash("sha256").update("another").digest("hex");
  await store.send("PUT", { key, body: "two", payloadHash });
  return await store.read(key) === "one";
}
