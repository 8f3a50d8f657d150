/**
 * Which keys a store takes for which.
 * @module
 */

import type { Capabilities } from "../stores/capabilities.ts";
import type { ProbeStore } from "./probe_store.ts";

/** How a key is spelt otherwise; `%` stands for the probe's prefix without its slash. */
const SPELLINGS = ["/%/a", "%//a", "%/a/", "%\\a", "%/./a", "%/b/../a"];
const PREFIXES = ["/%/", "%//", "%/b/../"];

/** Reads one object by other spellings, lists it by other prefixes, and writes others. */
export async function measureKeys(store: ProbeStore): Promise<Pick<Capabilities, "keys">> {
  const folder = store.prefix.slice(0, -1);
  const content = `content of ${folder}`;
  await store.put(store.key("a"), { body: content });
  for (const spelling of SPELLINGS) {
    if (await store.read(spelling.replace("%", folder)) === content) return { keys: "folded" };
  }
  for (const prefix of PREFIXES) {
    const query = { "list-type": "2", prefix: prefix.replace("%", folder) };
    const { text } = await store.send("GET", { query });
    if (text?.includes("<Contents>")) return { keys: "folded" };
  }
  for (const [written, read] of [["w//x", "w/x"], ["v\\x", "v/x"]] as const) {
    await store.send("PUT", { key: store.key(written), body: content });
    if (await store.read(store.key(read)) === content) return { keys: "folded" };
  }
  if (!store.isOwnBucket) return { keys: "exact" };
  await store.send("PUT", { key: "/led", body: content });
  return { keys: await store.read("led") === content ? "folded" : "exact" };
}

/** Whether UploadPartCopy takes `%41` in a decoded key for `A`. */
export async function measureCopySource(
  store: ProbeStore,
): Promise<Pick<Capabilities, "copy_source">> {
  await store.put(store.key("s%41"), { body: "once" });
  await store.put(store.key("sA"), { body: "twice" });
  const key = store.key("copied");
  const uploadId = await store.begin(key);
  const source = `/${store.bucket}/${store.key("s%2541")}`;
  const part = await store.send("PUT", {
    key,
    query: { partNumber: "1", uploadId },
    headers: { "x-amz-copy-source": source },
  });
  const quoted = /<ETag>([^<]*)/.exec(part.text ?? "")?.[1] ?? "";
  const eTag = quoted.replaceAll(/&quot;|&#34;|"/g, "");
  const done = await store.send("POST", {
    key,
    query: { uploadId },
    body: `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${eTag}</ETag></Part>` +
      "</CompleteMultipartUpload>",
  });
  const read = done.status === 200 ? await store.read(key) : undefined;
  return { copy_source: read === "once" ? "once" : "twice" };
}

/** Whether an upload to a bucket that is not there makes it. */
export async function measureBuckets(
  store: ProbeStore,
): Promise<Pick<Capabilities, "put_makes_buckets">> {
  const bucket = `${store.prefix.slice(0, -1)}-none`;
  store.mayHaveMade(bucket);
  const { status } = await store.send("PUT", { bucket, key: "k", body: "x" });
  return { put_makes_buckets: status === 200 };
}

/** Whether an id that no version has is heeded, or refused; where it is not, the object itself is read or deleted. */
export async function measureVersions(store: ProbeStore): Promise<Pick<Capabilities, "versions">> {
  const key = store.key("v");
  await store.put(key, { body: "current" });
  const query = { versionId: "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH" };
  if (await store.read(key, { query }) !== undefined) return { versions: false };
  await store.send("DELETE", { key, query });
  return { versions: await store.read(key) === "current" };
}

/** Whether an upload can be written to, listed or ended with another key than its own. */
export async function measureUploads(
  store: ProbeStore,
): Promise<Pick<Capabilities, "upload_keys">> {
  const key = store.key("upload");
  const other = store.key("another");
  const query = { uploadId: await store.begin(key) };
  const part = { ...query, partNumber: "1" };
  await store.send("PUT", { key, query: part, body: "one" });
  const shown = await store.send("GET", { key: other, query });
  // Where that is answered, the upload may be ended by another key, too, and leave what nobody can remove: not tried.
  if (shown.status === 200) return { upload_keys: false };
  await store.send("PUT", { key: other, query: part, body: "another" });
  await store.send("DELETE", { key: other, query });
  const kept = await store.send("GET", { key, query });
  return { upload_keys: kept.status === 200 && kept.text?.includes(OWN_PART) === true };
}

/** How a list of parts shows that of the upload. */
const OWN_PART = "<Size>3</Size>";

/** Whether one part of an object is read, of two. */
export async function measureParts(store: ProbeStore): Promise<Pick<Capabilities, "part_number">> {
  const key = store.key("parts");
  const uploadId = await store.begin(key);
  const tags: string[] = [];
  for (const [at, body] of ["a".repeat(FIRST_PART_BYTES), "second"].entries()) {
    const query = { partNumber: String(at + 1), uploadId };
    const { headers } = await store.send("PUT", { key, query, body });
    tags.push((headers.get("etag") ?? "").replaceAll('"', ""));
  }
  const parts = tags.map((tag, at) =>
    `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`
  );
  const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  await store.send("POST", { key, query: { uploadId }, body });
  const reply = await store.send("GET", { key, query: { partNumber: "2" } });
  const isRead = reply.status === 206 && reply.text === "second";
  const head = await store.send("HEAD", { key, query: { partNumber: "2" } });
  return { part_number: isRead && head.status === 206 };
}

/** The least that S3 takes for a part that is not the last. */
const FIRST_PART_BYTES = 5 * 1024 * 1024;
