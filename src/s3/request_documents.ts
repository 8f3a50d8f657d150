/**
 * The XML bodies on which a decision depends. They are read into values and written anew from them: the client's bytes are never forwarded.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { parseFields, parseRoot } from "./document_fields.ts";
import { S3Error, type S3ErrorCode } from "./error.ts";
import { isVersionId, type KeyRules, type ObjectKey, readObjectKey } from "./names.ts";
import { childrenOf, escapeText, formatDocument } from "./xml.ts";
import { isText, readRecords, type XmlRecord } from "./xml_records.ts";

/** One key of DeleteObjects. */
export interface ObjectIdentifier {
  readonly key: ObjectKey;
  readonly versionId: string | undefined;
}

/** A key that no request could have in its path, such as `a/../b`: only this entry is refused. */
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

/**
 * Reads `<Delete>`.
 * @throws {S3Error} `MalformedXML` for unknown, doubled or missing elements and for none or more than
 *   {@linkcode LIMITS.deleteObjectsKeysMax} keys; `NotImplemented` for conditional deletes, which RGW would carry out
 *   regardless.
 */
export function parseDeleteRequest(
  document: string | Uint8Array<ArrayBuffer>,
  rules?: KeyRules,
): ParsedDeleteRequest {
  return runWhole(readDeleteRequest(document, rules));
}

/** {@linkcode parseDeleteRequest} in steps. @throws {S3Error} as it does. */
export function* readDeleteRequest(
  document: string | Uint8Array<ArrayBuffer>,
  rules?: KeyRules,
): Steps<ParsedDeleteRequest> {
  const objects: ObjectIdentifier[] = [];
  const invalid: InvalidObjectIdentifier[] = [];
  let quiet: boolean | undefined;
  yield* readRecords(document, {
    root: "Delete",
    onRecord: (record) => {
      if (record.name === "Object") {
        const object = readObjectIdentifier(record, rules);
        if ("code" in object) invalid.push(object);
        else objects.push(object);
      } else if (record.name === "Quiet" && quiet === undefined) quiet = readBoolean(record);
      else throw new S3Error("MalformedXML");
      if (objects.length + invalid.length > LIMITS.deleteObjectsKeysMax) {
        throw new S3Error("MalformedXML");
      }
    },
  });
  if (objects.length + invalid.length === 0) throw new S3Error("MalformedXML");
  return { objects, invalid, quiet: quiet ?? false };
}

/** Conditions of a delete. */
const CONDITIONS: ReadonlySet<string> = new Set(["ETag", "LastModifiedTime", "Size"]);

function readObjectIdentifier(
  { text, fields }: XmlRecord,
  rules: KeyRules | undefined,
): ObjectIdentifier | InvalidObjectIdentifier {
  if (isText(text)) throw new S3Error("MalformedXML");
  let key: string | undefined;
  let version: string | undefined;
  let condition: string | undefined;
  let hasOthers = false;
  for (const { name, text } of fields) {
    if (name === "Key" && key === undefined) key = text;
    else if (name === "VersionId" && version === undefined) version = text;
    else if (CONDITIONS.has(name)) condition ??= name;
    else hasOthers = true;
  }
  if (condition !== undefined) {
    throw new S3Error("NotImplemented", {
      message: `Conditional deletes (${condition}) are not implemented by the storage backend`,
    });
  }
  if (key === undefined || key === "" || hasOthers) throw new S3Error("MalformedXML");
  // An empty one counts as absent: aws-sdk-js v2 writes a missing one so.
  const versionId = version === "" ? undefined : version;
  const isKnown = rules?.versions !== false || versionId === "null";
  if (versionId !== undefined && !(isKnown && isVersionId(versionId))) {
    return { key, versionId, code: "NoSuchVersion" };
  }
  const parsed = readObjectKey(key, rules);
  if (parsed instanceof S3Error) return { key, versionId, code: parsed.code };
  return { key: parsed, versionId };
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

function readBoolean({ text, fields }: XmlRecord): boolean {
  const folded = text.toLowerCase();
  if (fields.length > 0 || !/^(?:true|false|1|0)$/.test(folded)) throw new S3Error("MalformedXML");
  return folded === "true" || folded === "1";
}
