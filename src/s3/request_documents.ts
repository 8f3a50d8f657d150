/**
 * The XML bodies that are decided on, read into values and written again from them: client bytes are never forwarded.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { S3Error, type S3ErrorCode } from "./error.ts";
import { isVersionId, type KeyRules, type ObjectKey, parseObjectKey } from "./names.ts";
import {
  childrenOf,
  escapeText,
  formatDocument,
  parseXml,
  readXml,
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

/** Some clients send parts as ListParts has listed them. */
const PART_ELEMENTS: ReadonlySet<string> = new Set(["ETag", "LastModified", "PartNumber", "Size"]);
const CHECKSUM_ELEMENT =
  /^Checksum(?:CRC32|CRC32C|CRC64NVME|MD5|SHA1|SHA256|SHA512|XXHASH3|XXHASH64|XXHASH128)$/;

/**
 * Reads `<Delete>`.
 * @throws {S3Error} `MalformedXML` for unknown, doubled or missing elements and for none or more than
 *   {@linkcode LIMITS.deleteObjectsKeysMax} keys; `NotImplemented` for conditional deletes, which RGW would carry out
 *   regardless.
 */
export function parseDeleteRequest(text: string, rules?: KeyRules): ParsedDeleteRequest {
  return runWhole(readDeleteRequest(text, rules));
}

/** {@linkcode parseDeleteRequest} in steps. @throws {S3Error} as it does. */
export function* readDeleteRequest(
  text: string,
  rules?: KeyRules,
): Steps<ParsedDeleteRequest> {
  const objects: ObjectIdentifier[] = [];
  const invalid: InvalidObjectIdentifier[] = [];
  let quiet: boolean | undefined;
  yield* readChildren(text, {
    root: "Delete",
    onChild: (child) => {
      if (child.name === "Object") {
        const object = parseObjectIdentifier(child, rules);
        if ("code" in object) invalid.push(object);
        else objects.push(object);
      } else if (child.name === "Quiet" && quiet === undefined) quiet = parseBoolean(child);
      else throw new S3Error("MalformedXML");
      if (objects.length + invalid.length > LIMITS.deleteObjectsKeysMax) {
        throw new S3Error("MalformedXML");
      }
    },
  });
  if (objects.length + invalid.length === 0) throw new S3Error("MalformedXML");
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
  const isKnown = rules?.versions !== false || versionId === "null";
  if (versionId !== undefined && !(isKnown && isVersionId(versionId))) {
    return { key, versionId, code: "NoSuchVersion" };
  }
  try {
    return { key: parseObjectKey(key, rules), versionId };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { key, versionId, code: error.code };
  }
}

/**
 * Reads `<CompleteMultipartUpload>`. Parts' checksums are dropped: each was verified when its part came.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @throws {S3Error} `MalformedXML`.
 */
export function parseCompletedParts(text: string): readonly CompletedPart[] {
  return runWhole(readCompletedParts(text));
}

/** {@linkcode parseCompletedParts} in steps. @throws {S3Error} as it does. */
export function* readCompletedParts(text: string): Steps<readonly CompletedPart[]> {
  const parts: CompletedPart[] = [];
  yield* readChildren(text, {
    root: "CompleteMultipartUpload",
    onChild: (child) => {
      if (child.name !== "Part" || parts.length === LIMITS.partNumberMax) {
        throw new S3Error("MalformedXML");
      }
      const fields = parseFields(child);
      const partNumber = fields.get("PartNumber") ?? "";
      const eTag = fields.get("ETag") ?? "";
      const known = [...fields.keys()].every((name) =>
        PART_ELEMENTS.has(name) || CHECKSUM_ELEMENT.test(name)
      );
      if (!known || !/^[1-9]\d{0,4}$/.test(partNumber) || eTag === "") {
        throw new S3Error("MalformedXML");
      }
      parts.push({ partNumber: Number(partNumber), eTag });
    },
  });
  if (parts.length === 0) throw new S3Error("MalformedXML");
  return parts;
}

/** Writes `<CompleteMultipartUpload>` for the backend, without white space: 10 000 parts stay under 1 MiB. */
export function formatCompletedParts(parts: readonly CompletedPart[]): string {
  return formatDocument(
    "CompleteMultipartUpload",
    parts.map(({ partNumber, eTag }) =>
      // Without its quotes, which RGW does not need and which would be escaped into 12 more bytes a part.
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>${
        escapeText(eTag.replace(/^"(.*)"$/, "$1"))
      }</ETag></Part>`
    ).join(""),
  );
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
  const content = `<LocationConstraint>${escapeText(region)}</LocationConstraint>`;
  return formatDocument("CreateBucketConfiguration", content);
}

/** A root whose children are taken one by one; no text stands between them. */
function* readChildren(
  text: string,
  { root, onChild }: { root: string; onChild: (child: XmlElement) => void },
): Steps<void> {
  const { children } = yield* readXml(text, { root, onChild });
  for (const child of children) {
    if (typeof child !== "string" || child.trim() !== "") throw new S3Error("MalformedXML");
  }
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
