/**
 * The XML bodies that are decided on, read into values and written again from them: client bytes are never forwarded.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error, type S3ErrorCode } from "./error.ts";
import { isVersionId, type KeyRules, type ObjectKey, parseObjectKey } from "./names.ts";
import {
  buildElement,
  buildRoot,
  childrenOf,
  formatXml,
  parseXml,
  textOf,
  type XmlElement,
} from "./xml.ts";

/** One key of DeleteObjects. */
export interface ObjectIdentifier {
  readonly key: ObjectKey;
  readonly versionId: string | undefined;
}

/** A key that no request of its own could have, such as `a/../b`: it alone is refused. */
export interface InvalidObjectIdentifier {
  readonly key: string;
  readonly versionId: string | undefined;
  /** An S3 code. */
  readonly code: S3ErrorCode;
}

/**
 * A DeleteObjects request.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 */
export interface DeleteRequest {
  readonly objects: readonly ObjectIdentifier[];
  readonly quiet: boolean;
}

/** A DeleteObjects request as it came. */
export interface ParsedDeleteRequest extends DeleteRequest {
  readonly invalid: readonly InvalidObjectIdentifier[];
}

/** One part of CompleteMultipartUpload. */
export interface CompletedPart {
  readonly partNumber: number;
  readonly eTag: string;
}

const CHECKSUM_ELEMENT =
  /^Checksum(?:CRC32|CRC32C|CRC64NVME|MD5|SHA1|SHA256|SHA512|XXHASH3|XXHASH64|XXHASH128)$/;

/**
 * Reads `<Delete>`.
 * @throws {S3Error} `MalformedXML` for unknown, doubled or missing elements and for none or more than
 *   {@linkcode LIMITS.deleteObjectsKeysMax} keys; `NotImplemented` for conditional deletes, which RGW would carry out
 *   regardless.
 */
export function parseDeleteRequest(text: string, rules?: KeyRules): ParsedDeleteRequest {
  const root = parseRoot(text, "Delete");
  const objects: ObjectIdentifier[] = [];
  const invalid: InvalidObjectIdentifier[] = [];
  let quiet: boolean | undefined;
  for (const child of childrenOf(root)) {
    if (child.name === "Object") {
      const object = parseObjectIdentifier(child, rules);
      if ("code" in object) invalid.push(object);
      else objects.push(object);
    } else if (child.name === "Quiet" && quiet === undefined) quiet = parseBoolean(child);
    else throw new S3Error("MalformedXML");
  }
  const count = objects.length + invalid.length;
  if (count === 0 || count > LIMITS.deleteObjectsKeysMax) throw new S3Error("MalformedXML");
  return { objects, invalid, quiet: quiet ?? false };
}

function parseObjectIdentifier(
  element: XmlElement,
  rules: KeyRules | undefined,
): ObjectIdentifier | InvalidObjectIdentifier {
  const fields = parseFields(element);
  for (const name of ["ETag", "LastModifiedTime", "Size"]) {
    if (!fields.has(name)) continue;
    throw new S3Error("NotImplemented", {
      message: `Conditional deletes (${name}) are not implemented by the storage backend`,
    });
  }
  const key = fields.get("Key");
  // Empty is none: aws-sdk-js v2 writes a missing one so.
  const versionId = fields.get("VersionId") || undefined;
  const hasOthers = fields.size !== (fields.has("VersionId") ? 2 : 1);
  if (!key || hasOthers) throw new S3Error("MalformedXML");
  if (versionId !== undefined && !isVersionId(versionId)) {
    return { key, versionId, code: "NoSuchVersion" };
  }
  try {
    return { key: parseObjectKey(key, rules), versionId };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { key, versionId, code: error.code };
  }
}

/** Writes `<Delete>` for the backend, without white space. */
export function formatDeleteRequest({ objects, quiet }: DeleteRequest): string {
  return formatXml(buildRoot("Delete", [
    ...objects.map(({ key, versionId }) =>
      buildElement("Object", [
        buildElement("Key", key),
        versionId === undefined ? undefined : buildElement("VersionId", versionId),
      ])
    ),
    quiet ? buildElement("Quiet", "true") : undefined,
  ]));
}

/**
 * Reads `<CompleteMultipartUpload>`. Parts' checksums are dropped: each was verified when its part came.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @throws {S3Error} `MalformedXML`.
 */
export function parseCompletedParts(text: string): readonly CompletedPart[] {
  const root = parseRoot(text, "CompleteMultipartUpload");
  const parts = childrenOf(root).map((child) => {
    if (child.name !== "Part") throw new S3Error("MalformedXML");
    const fields = parseFields(child);
    const partNumber = fields.get("PartNumber") ?? "";
    const eTag = fields.get("ETag") ?? "";
    const known = [...fields.keys()].every((name) =>
      name === "PartNumber" || name === "ETag" || CHECKSUM_ELEMENT.test(name)
    );
    if (!known || !/^[1-9]\d{0,4}$/.test(partNumber) || eTag === "") {
      throw new S3Error("MalformedXML");
    }
    return { partNumber: Number(partNumber), eTag };
  });
  if (parts.length === 0 || parts.length > LIMITS.partNumberMax) throw new S3Error("MalformedXML");
  return parts;
}

/** Writes `<CompleteMultipartUpload>` for the backend, without white space: 10 000 parts stay under 1 MiB. */
export function formatCompletedParts(parts: readonly CompletedPart[]): string {
  return formatXml(buildRoot(
    "CompleteMultipartUpload",
    parts.map(({ partNumber, eTag }) =>
      buildElement("Part", [
        buildElement("PartNumber", String(partNumber)),
        // Without its quotes, which RGW does not need and which would be escaped into 12 more bytes a part.
        buildElement("ETag", eTag.replace(/^"(.*)"$/, "$1")),
      ])
    ),
  ));
}

/**
 * Reads CreateBucket's `<CreateBucketConfiguration>`: its LocationConstraint, or `undefined` for none.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html}.
 * @throws {S3Error} `MalformedXML`; `NotImplemented` for a directory bucket's Location and Bucket, and for Tags.
 */
export function parseLocationConstraint(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  const root = parseRoot(text, "CreateBucketConfiguration");
  for (const { name } of childrenOf(root)) {
    if (name === "LocationConstraint") continue;
    if (name === "Location" || name === "Bucket" || name === "Tags") {
      throw new S3Error("NotImplemented", {
        message: `${name} of a CreateBucketConfiguration is not implemented`,
      });
    }
    throw new S3Error("MalformedXML");
  }
  const constraint = parseFields(root).get("LocationConstraint") ?? "";
  return constraint === "" ? undefined : constraint;
}

/** Writes `<CreateBucketConfiguration>` for the backend. */
export function formatLocationConstraint(region: string): string {
  return formatXml(
    buildRoot("CreateBucketConfiguration", [buildElement("LocationConstraint", region)]),
  );
}

function parseRoot(text: string, name: string): XmlElement {
  const root = parseXml(text);
  if (root.name !== name) throw new S3Error("MalformedXML");
  for (const child of root.children) {
    if (typeof child === "string" && child.trim() !== "") throw new S3Error("MalformedXML");
  }
  return root;
}

/** Child elements that hold text only, each once. */
function parseFields(element: XmlElement): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const child of element.children) {
    if (typeof child === "string") {
      if (child.trim() !== "") throw new S3Error("MalformedXML");
      continue;
    }
    if (fields.has(child.name) || childrenOf(child).length > 0) throw new S3Error("MalformedXML");
    fields.set(child.name, textOf(child));
  }
  return fields;
}

function parseBoolean(element: XmlElement): boolean {
  const text = textOf(element).toLowerCase();
  if (childrenOf(element).length > 0 || !/^(?:true|false|1|0)$/.test(text)) {
    throw new S3Error("MalformedXML");
  }
  return text === "true" || text === "1";
}
