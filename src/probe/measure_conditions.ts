/**
 * Which conditions a store enforces: each is asked with one that is not met, and must leave the object as it was, and with
 * one that does.
 * @module
 */

import type { Capabilities, ConditionName } from "../stores/capabilities.ts";
import type { ProbeStore } from "./probe_store.ts";

type Headers = Readonly<Record<string, string>>;
const WRONG = "00000000000000000000000000000000";
const PAST = "Sat, 01 Jan 2000 00:00:00 GMT";

/** Sends one write to `key`; whether it was done. */
type Write = (store: ProbeStore, key: string, headers: Headers) => Promise<boolean>;

const WRITES: Readonly<Record<"put" | "complete" | "copy", Write>> = {
  put: async (store, key, headers) => {
    const { status } = await store.send("PUT", { key, headers, body: "two" });
    return status === 200;
  },
  complete: async (store, key, headers) => {
    const uploadId = await store.begin(key);
    const part = { partNumber: "1", uploadId };
    const sent = await store.send("PUT", { key, query: part, body: "two" });
    const eTag = (sent.headers.get("etag") ?? "").replaceAll('"', "");
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${eTag}</ETag>` +
      "</Part></CompleteMultipartUpload>";
    const reply = await store.send("POST", { key, query: { uploadId }, headers, body });
    return reply.status === 200 && reply.text?.includes("<Error>") !== true;
  },
  copy: async (store, key, headers) => {
    const source = store.key("copy-source");
    await store.put(source, { body: "two" });
    const all = { ...headers, "x-amz-copy-source": `/${store.bucket}/${source}` };
    return (await store.send("PUT", { key, headers: all })).status === 200;
  },
};

/** All that can be told of {@linkcode Capabilities.conditions}. */
export async function measureConditions(
  store: ProbeStore,
): Promise<Pick<Capabilities, "conditions">> {
  const conditions: ConditionName[] = [];
  for (const operation of ["put", "complete", "copy"] as const) {
    for (const condition of ["if-none-match", "if-match"] as const) {
      const write = WRITES[operation];
      if (await holds(store, { write, condition })) conditions.push(`${operation}.${condition}`);
    }
  }
  if (await holdsOnSource(store)) conditions.push("copy.source-if");
  if (await holdsOnDelete(store)) conditions.push("delete.if-match");
  return { conditions };
}

async function holds(
  store: ProbeStore,
  { write, condition, bucket = store.bucket }: {
    write: Write;
    condition: "if-none-match" | "if-match";
    bucket?: string;
  },
): Promise<boolean> {
  const key = store.key("conditioned");
  const { headers } = await store.put(key, { bucket });
  const eTag = (headers.get("etag") ?? "").replaceAll('"', "");
  const isNew = condition === "if-none-match";
  await write(store, key, { [condition]: isNew ? "*" : WRONG });
  if (await store.read(key, { bucket }) !== "one") return false;
  if (isNew) await store.send("DELETE", { bucket, key });
  // As the proxy sends it, without quotes.
  await write(store, key, { [condition]: isNew ? "*" : eTag });
  return await store.read(key, { bucket }) === "two";
}

/** All four, or a copy that is asked with another would be made. */
async function holdsOnSource(store: ProbeStore): Promise<boolean> {
  await store.put(store.key("copy-source"), { body: "two" });
  const { headers } = await store.send("HEAD", { key: store.key("copy-source") });
  const eTag = headers.get("etag") ?? "";
  const source = { "x-amz-copy-source": `/${store.bucket}/${store.key("copy-source")}` };
  for (
    const [at, [name, value]] of [
      ["if-match", `"${WRONG}"`],
      ["if-none-match", eTag],
      ["if-unmodified-since", PAST],
      ["if-modified-since", headers.get("last-modified") ?? ""],
    ].entries()
  ) {
    const key = store.key(`copied-${at}`);
    const header = `x-amz-copy-source-${name}`;
    await store.send("PUT", { key, headers: { ...source, [header]: value ?? "" } });
    if (await store.read(key) !== undefined) return false;
  }
  const key = store.key("copied");
  await store.send("PUT", { key, headers: { ...source, "x-amz-copy-source-if-match": eTag } });
  return await store.read(key) === "two";
}

async function holdsOnDelete(store: ProbeStore): Promise<boolean> {
  const key = store.key("deleted");
  const { headers } = await store.put(key);
  await store.send("DELETE", { key, headers: { "if-match": `"${WRONG}"` } });
  if (await store.read(key) !== "one") return false;
  await store.send("DELETE", { key, headers: { "if-match": headers.get("etag") ?? "" } });
  return await store.read(key) === undefined;
}

/** Whether those of PutObject hold in a bucket with versions: it is made for this. */
export async function measureVersionedConditions(
  store: ProbeStore,
): Promise<Partial<Pick<Capabilities, "conditions_with_versions">>> {
  const bucket = `${store.prefix.slice(0, -1)}-versions`;
  if ((await store.makeBucket(bucket)).status !== 200) return {};
  const body = '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    "<Status>Enabled</Status></VersioningConfiguration>";
  await store.send("PUT", { bucket, query: { versioning: "" }, body });
  const write: Write = async (store, key, headers) =>
    (await store.send("PUT", { bucket, key, headers, body: "two" })).status === 200;
  for (const condition of ["if-none-match", "if-match"] as const) {
    if (!await holds(store, { write, condition, bucket })) {
      return { conditions_with_versions: false };
    }
  }
  return { conditions_with_versions: true };
}

/** Whether a part is not answered where the object has changed. */
export async function measureIfRange(store: ProbeStore): Promise<Pick<Capabilities, "if_range">> {
  const key = store.key("ranged");
  const { headers } = await store.put(key, { body: "0123456789" });
  const ask = async (eTag: string): Promise<number> => {
    const given = { range: "bytes=0-1", "if-range": eTag };
    return (await store.send("GET", { key, headers: given })).status;
  };
  const stale = await ask(`"${WRONG}"`);
  const right = await ask(headers.get("etag") ?? "");
  return { if_range: stale === 200 && right === 206 };
}
