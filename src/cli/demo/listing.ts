/**
 * ListObjects and ListObjectsV2 of the demo.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html}.
 * @module
 */

import { S3Error } from "../../s3/error.ts";
import { buildElement, buildRoot, type XmlElement } from "../../s3/xml.ts";
import { uriEncodePath } from "../../sigv4/uri_encode.ts";
import type { StoredObject } from "./store.ts";

const KEYS_MAX = 1000;

/** What a page holds. */
interface Page {
  readonly contents: readonly (readonly [key: string, object: StoredObject])[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page starts after; `undefined` on the last. */
  readonly next: string | undefined;
}

/** The root element of a listing of either version. @throws {S3Error} `InvalidArgument` for `max-keys`. */
export function buildListing(
  objects: ReadonlyMap<string, StoredObject>,
  { bucket, parameters }: { bucket: string; parameters: ReadonlyMap<string, string> },
): XmlElement {
  const isVersion2 = parameters.get("list-type") === "2";
  const prefix = parameters.get("prefix") ?? "";
  const delimiter = parameters.get("delimiter") ?? "";
  const token = parameters.get("continuation-token");
  const after = isVersion2
    ? token === undefined ? parameters.get("start-after") : decodeURIComponent(token)
    : parameters.get("marker");
  const maxKeys = parseMaxKeys(parameters.get("max-keys"));
  const page = buildPage([...objects], { prefix, delimiter, after: after ?? "", maxKeys });
  const encode = (text: string): string =>
    parameters.get("encoding-type") === "url" ? uriEncodePath(text) : text;
  const count = page.contents.length + page.commonPrefixes.length;
  const next = page.next === undefined ? undefined : encodeURIComponent(page.next);
  return buildRoot("ListBucketResult", [
    buildElement("Name", bucket),
    buildElement("Prefix", encode(prefix)),
    delimiter === "" ? undefined : buildElement("Delimiter", encode(delimiter)),
    buildElement("MaxKeys", String(maxKeys)),
    isVersion2 ? buildElement("KeyCount", String(count)) : undefined,
    buildElement("IsTruncated", String(page.next !== undefined)),
    next === undefined
      ? undefined
      : isVersion2
      ? buildElement("NextContinuationToken", next)
      : buildElement("NextMarker", encode(page.next ?? "")),
    parameters.has("encoding-type") ? buildElement("EncodingType", "url") : undefined,
    ...page.contents.map(([key, { bytes, eTag, lastModified }]) =>
      buildElement("Contents", [
        buildElement("Key", encode(key)),
        buildElement("LastModified", lastModified.toISOString()),
        buildElement("ETag", eTag),
        buildElement("Size", String(bytes.length)),
        buildElement("StorageClass", "STANDARD"),
      ])
    ),
    ...page.commonPrefixes.map((common) =>
      buildElement("CommonPrefixes", [buildElement("Prefix", encode(common))])
    ),
  ]);
}

function parseMaxKeys(text: string | undefined): number {
  if (text === undefined) return KEYS_MAX;
  if (!/^\d{1,9}$/.test(text)) {
    throw new S3Error("InvalidArgument", { detail: { ArgumentName: "max-keys" } });
  }
  return Math.min(Number(text), KEYS_MAX);
}

function buildPage(
  objects: (readonly [key: string, object: StoredObject])[],
  { prefix, delimiter, after, maxKeys }: {
    prefix: string;
    delimiter: string;
    after: string;
    maxKeys: number;
  },
): Page {
  const contents: (readonly [string, StoredObject])[] = [];
  const commonPrefixes: string[] = [];
  let last = "";
  objects.sort(([left], [right]) => left < right ? -1 : 1);
  for (const [key, object] of objects) {
    if (!key.startsWith(prefix) || key <= after) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (common !== undefined && (common === commonPrefixes.at(-1) || common === after)) continue;
    if (contents.length + commonPrefixes.length === maxKeys) {
      return { contents, commonPrefixes, next: maxKeys === 0 ? undefined : last };
    }
    last = common ?? key;
    if (common === undefined) contents.push([key, object]);
    else commonPrefixes.push(common);
  }
  return { contents, commonPrefixes, next: undefined };
}
