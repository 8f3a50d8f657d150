/**
 * GetObjectAttributes: what a HEAD tells of an object, as a document.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html}.
 * @module
 */

import { CHECKSUM_ALGORITHMS, checksumHeader } from "./checksum_algorithm.ts";
import { S3Error } from "./error.ts";
import { buildElement, buildRoot, type XmlElement } from "./xml.ts";

const ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;

/** One of those that can be asked for. */
export type ObjectAttribute = typeof ATTRIBUTES[number];

/**
 * Reads which attributes are asked for, and the page of parts; no part is ever shown.
 * @throws {S3Error} `InvalidRequest` for none; `InvalidArgument`, naming the header.
 */
export function parseObjectAttributes(
  headers: ReadonlyMap<string, string>,
): ReadonlySet<ObjectAttribute> {
  for (const name of ["x-amz-max-parts", "x-amz-part-number-marker"]) {
    if (!/^\d{1,10}$/.test(headers.get(name) ?? "0")) throw invalid(name, `${name} is no number.`);
  }
  const header = "x-amz-object-attributes";
  const names = (headers.get(header) ?? "").split(",").map((name) => name.trim());
  if (names.every((name) => name === "")) {
    throw new S3Error("InvalidRequest", {
      message:
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    });
  }
  const asked = ATTRIBUTES.filter((attribute) => names.includes(attribute));
  if (names.some((name) => !ATTRIBUTES.some((attribute) => attribute === name))) {
    throw invalid(header, "Invalid attribute name specified.");
  }
  return new Set(asked);
}

/** The document, from the headers of the backend's HEAD; what it does not tell is left out, as on S3. */
export function buildObjectAttributes(
  headers: Pick<Headers, "get">,
  asked: ReadonlySet<ObjectAttribute>,
): XmlElement {
  const eTag = headers.get("etag")?.replaceAll('"', "");
  const elements: Readonly<Record<ObjectAttribute, XmlElement | undefined>> = {
    ETag: eTag === undefined ? undefined : buildElement("ETag", eTag),
    Checksum: buildChecksum(headers),
    ObjectParts: buildParts(eTag ?? ""),
    StorageClass: buildElement("StorageClass", headers.get("x-amz-storage-class") ?? "STANDARD"),
    ObjectSize: buildElement("ObjectSize", headers.get("content-length") ?? "0"),
  };
  return buildRoot(
    "GetObjectAttributesOutput",
    ATTRIBUTES.map((attribute) => asked.has(attribute) ? elements[attribute] : undefined),
  );
}

function buildChecksum(headers: Pick<Headers, "get">): XmlElement | undefined {
  const found = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = headers.get(checksumHeader(algorithm));
    return value === null ? [] : [buildElement(`Checksum${algorithm}`, value)];
  });
  if (found.length === 0) return undefined;
  const type = headers.get("x-amz-checksum-type");
  return buildElement("Checksum", [
    ...found,
    type === null ? undefined : buildElement("ChecksumType", type),
  ]);
}

/** An object that was uploaded in parts says so in its ETag; each part is shown only where it has a checksum. */
function buildParts(eTag: string): XmlElement | undefined {
  const [, count] = /-(\d{1,5})$/.exec(eTag) ?? [];
  if (count === undefined) return undefined;
  return buildElement("ObjectParts", [buildElement("PartsCount", count)]);
}

function invalid(name: string, message: string): S3Error {
  return new S3Error("InvalidArgument", { message, detail: { ArgumentName: name } });
}
