/**
 * Listings as RGW 16.2 answers them, of a few keys in memory: with `encoding-type=url` it encodes keys and common
 * prefixes, `/` too, and nothing else; uploads are encoded without a word of it, shown by key and id together, and not at
 * all with a delimiter. Written from what the real one answers.
 * @module
 */

import { Buffer } from "node:buffer";

/** What a bucket holds. */
export interface ListedBucket {
  readonly keys: readonly string[];
  /** Each key has so many. */
  readonly versions: number;
  readonly parts: number;
}

/** The answer's document. */
export function answerListing(target: string, bucket: ListedBucket): string {
  const query = new URLSearchParams(target.slice(target.indexOf("?") + 1));
  const read = (name: string): string => query.get(name) ?? "";
  const encodes = read("encoding-type") === "url";
  if (query.has("uploadId")) return answerParts(read, bucket);
  if (query.has("uploads")) return answerUploads(read, { bucket, encodes });
  if (query.has("versions")) return answerVersions(read, { bucket, encodes });
  return answerObjects(read, { bucket, encodes });
}

/** In the order of their bytes. */
export function sortKeys(keys: Iterable<string>): string[] {
  return [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** `key` up to the first delimiter behind `prefix`. */
export function findCommonPrefix(
  key: string,
  { prefix, delimiter }: { prefix: string; delimiter: string },
): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

type Read = (name: string) => string;
interface Listed {
  readonly bucket: ListedBucket;
  readonly encodes: boolean;
}

const OWNER = "<Owner><ID>master</ID><DisplayName>Master</DisplayName></Owner>";

function answerObjects(read: Read, { bucket, encodes }: Listed): string {
  const marker = read("marker") || read("continuation-token") || read("start-after");
  const entries = listEntries(
    read,
    bucket.keys.map((key) => ({ key, sort: key, xml: "" })),
    marker,
  );
  const { page, isTruncated } = cutPage(entries, Number(read("max-keys") || 1000));
  const last = page.at(-1);
  const next = read("list-type") === "2" ? "NextContinuationToken" : "NextMarker";
  const body = page.map(({ prefix, key }) =>
    formatEntry("Contents", { prefix, key, xml: OWNER }, encodes)
  );
  return wrap("ListBucketResult", [
    encodes ? text("EncodingType", "url") : "",
    ...["Prefix", "Delimiter"].map((name) => text(name, read(name.toLowerCase()))),
    text("IsTruncated", String(isTruncated)),
    ...body,
    text("Marker", read("marker")),
    isTruncated && last !== undefined ? text(next, last.prefix ?? last.key) : "",
  ]);
}

function answerVersions(read: Read, { bucket, encodes }: Listed): string {
  const all = bucket.keys.flatMap((key) =>
    Array.from({ length: bucket.versions }, (_, at) => ({
      key,
      sort: `${key}\0${at}`,
      id: `v${at}`,
      xml: text("VersionId", `v${at}`) + OWNER,
    }))
  );
  const id = read("version-id-marker");
  const marker = id === "" ? read("key-marker") : `${read("key-marker")}\0${id.slice(1)}`;
  const skipped = id === "" && bucket.keys.includes(marker) ? `${marker}\0~` : marker;
  const { page, isTruncated } = cutPage(
    listEntries(read, all, skipped),
    Number(read("max-keys") || 1000),
  );
  const last = page.at(-1);
  return wrap("ListVersionsResult", [
    encodes ? text("EncodingType", "url") : "",
    text("Prefix", read("prefix")),
    text("IsTruncated", String(isTruncated)),
    text("KeyMarker", read("key-marker")),
    isTruncated && last !== undefined
      ? text("NextKeyMarker", last.prefix ?? last.key) +
        (last.prefix === undefined
          ? text("NextVersionIdMarker", `v${last.sort.split("\0").at(-1)}`)
          : "")
      : "",
    ...page.map((entry) => formatEntry("Version", entry, encodes)),
  ]);
}

function answerUploads(read: Read, { bucket, encodes }: Listed): string {
  const all = bucket.keys.flatMap((key) =>
    ["2~a", "2~b"].map((id) => ({ key, id, sort: `${key}.${id}` }))
  );
  const id = read("upload-id-marker");
  const marker = id === "" ? read("key-marker") : `${read("key-marker")}.${id}`;
  const sorted = sortKeys(all.map(({ sort }) => sort))
    .map((sort) => all.find((upload) => upload.sort === sort))
    .filter((upload) => upload !== undefined)
    .filter(({ key, sort }) => key.startsWith(read("prefix")) && isBehind(sort, marker));
  const page = sorted.slice(0, Number(read("max-uploads") || 1000));
  const last = page.at(-1);
  const shown = read("delimiter") === "" ? page : [];
  return wrap("ListMultipartUploadsResult", [
    text("KeyMarker", read("key-marker")),
    last === undefined ? "" : text("NextKeyMarker", last.key) + text("NextUploadIdMarker", last.id),
    text("IsTruncated", String(page.length < sorted.length)),
    ...shown.map(({ key, id }) =>
      `<Upload>${text("Key", encodes ? encode(key).replaceAll("%2F", "/") : key)}${
        text("UploadId", id)
      }` +
      `<Initiator><ID>master</ID></Initiator>${OWNER}</Upload>`
    ),
  ]);
}

function answerParts(read: Read, { parts }: ListedBucket): string {
  const all = Array.from({ length: parts }, (_, at) => at + 1)
    .filter((part) => part > Number(read("part-number-marker") || 0));
  const page = all.slice(0, Number(read("max-parts") || 1000));
  return wrap("ListPartsResult", [
    text("IsTruncated", String(page.length < all.length)),
    text("NextPartNumberMarker", String(page.at(-1) ?? 0)),
    OWNER,
    ...page.map((part) => `<Part>${text("PartNumber", String(part))}</Part>`),
  ]);
}

interface Entry {
  readonly key: string;
  readonly sort: string;
  readonly xml: string;
  readonly prefix?: string | undefined;
}

function listEntries(read: Read, all: readonly Entry[], marker: string): Entry[] {
  const asked = { prefix: read("prefix"), delimiter: read("delimiter") };
  const entries: Entry[] = [];
  for (const sort of sortKeys(all.map((entry) => entry.sort))) {
    const entry = all.find((one) => one.sort === sort);
    if (entry === undefined || !entry.key.startsWith(asked.prefix) || !isBehind(sort, marker)) {
      continue;
    }
    const prefix = findCommonPrefix(entry.key, asked);
    if (prefix === undefined) entries.push(entry);
    else if (prefix !== marker.split("\0")[0] && entries.at(-1)?.prefix !== prefix) {
      entries.push({ ...entry, prefix });
    }
  }
  return entries;
}

function cutPage(entries: readonly Entry[], max: number): { page: Entry[]; isTruncated: boolean } {
  return { page: entries.slice(0, max), isTruncated: entries.length > max };
}

function isBehind(text: string, marker: string): boolean {
  return Buffer.compare(Buffer.from(text), Buffer.from(marker)) > 0;
}

function formatEntry(
  name: string,
  { key, prefix, xml }: Pick<Entry, "key" | "prefix" | "xml">,
  encodes: boolean,
): string {
  const shown = (value: string): string => encodes ? encode(value) : value;
  return prefix === undefined
    ? `<${name}>${text("Key", shown(key))}${xml}</${name}>`
    : `<CommonPrefixes>${text("Prefix", shown(prefix))}</CommonPrefixes>`;
}

function encode(value: string): string {
  return encodeURIComponent(value);
}

function text(name: string, value: string): string {
  const escaped = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll("\u0001", "&#x01;"); // as RGW writes it
  return `<${name}>${escaped}</${name}>`;
}

function wrap(name: string, parts: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?><${name}>${parts.join("")}</${name}>`;
}
