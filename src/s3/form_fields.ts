/**
 * The fields of a form upload, as the PutObject that they stand for.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html} (Form fields).
 * @module
 */

import { Buffer } from "node:buffer";
import { assert } from "../lib/assert.ts";
import { LIMITS } from "../limits.ts";
import type { Resource } from "./addressing.ts";
import { S3Error } from "./error.ts";
import { headerFate, verifyMetadata } from "./header_table.ts";
import { refuseLostHeaders } from "./lost_headers.ts";
import { parseObjectKey } from "./names.ts";
import { OPERATIONS } from "./operation_table.ts";
import type { RequestRules, S3Request } from "./request.ts";
import { listSpellings } from "./spellings.ts";
import { formatTags, parseTagging } from "./tagging.ts";

/** Fields that are headers of a PutObject, by another name or by the same. */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ["acl", "x-amz-acl"],
  ["tagging", "x-amz-tagging"],
  ...[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
  ].map((name): [string, string] => [name, name]),
]);
/** `x-amz-*` fields that are about the form and not about the object. */
const OF_THE_FORM: ReadonlySet<string> = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-signature",
]);
/** Headers that a PutObject may have and a form may not: with a source it would be a copy. */
const REFUSED =
  /^x-amz-(?:copy-source|metadata-directive|tagging-directive|bypass-|trailer$|content-sha256$|decoded-)/;
// RFC 9110 §5.5: no control characters but the tab; latin1 beyond.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const FILENAME = "${filename}";
const PUT_OBJECT = OPERATIONS.find(({ name }) => name === "PutObject");

/**
 * The fields as they count, for conditions too: with the file's name in place of `${filename}`, and with the bucket.
 * @param filename As it was sent: with its path, which some browsers add and S3 takes away.
 * @throws {S3Error} `MaxPostPreDataLengthExceededError` where they are too long now; `AccessDenied` for another bucket.
 */
export function completeFormFields(
  fields: ReadonlyMap<string, string>,
  { filename, bucket }: { filename: string; bucket: string },
): ReadonlyMap<string, string> {
  const base = filename.replaceAll('\\"', '"').replace(/^.*[/\\]/s, "");
  const completed = new Map<string, string>();
  let length = 0;
  for (const [name, value] of fields) {
    const parts = value.split(FILENAME);
    length += value.length + (parts.length - 1) * base.length;
    if (length > LIMITS.formFieldsBytesMax) {
      throw new S3Error("MaxPostPreDataLengthExceededError", { reason: "malformed_form" });
    }
    completed.set(name, parts.join(base));
  }
  // The bucket is the one that the form is sent to, whatever a field says.
  if ((completed.get("bucket") ?? bucket) !== bucket) {
    throw new S3Error("AccessDenied", {
      message: "Invalid according to Policy: the form is for another bucket.",
      reason: "form_condition",
    });
  }
  return completed.set("bucket", bucket);
}

/**
 * The PutObject that a form, sent as `sent`, stands for. None of the headers that the form itself was sent with is one of
 * the object's.
 * @throws {S3Error} `InvalidArgument` where no key is given, as S3 answers, and for a value no header can have;
 *   `NotImplemented` for an `x-amz-*` field that is not known; `MalformedXML` for tags; those of {@linkcode parseObjectKey} and
 *   {@linkcode verifyMetadata}.
 */
export function buildFormRequest(
  sent: S3Request,
  { fields, rules: { bucketNames, capabilities } }: {
    fields: ReadonlyMap<string, string>;
    rules: RequestRules;
  },
): S3Request {
  assert(sent.resource.level === "bucket" && PUT_OBJECT !== undefined, "A form goes to a bucket");
  const { bucket } = sent.resource;
  const text = fields.get("key") ?? "";
  if (text === "") {
    throw new S3Error("InvalidArgument", {
      message:
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      detail: { ArgumentName: "key", ArgumentValue: "" },
    });
  }
  const key = parseObjectKey(text, { ...bucketNames, dotSegments: false });
  const headers = buildHeaders(fields);
  verifyMetadata(headers, capabilities);
  refuseLostHeaders(headers, { operation: PUT_OBJECT, capabilities });
  const resource: Resource = { level: "object", bucket, key };
  const parameters = new Map<string, string>();
  return Object.freeze<S3Request>({
    ...sent,
    method: "PUT",
    operation: PUT_OBJECT,
    resource,
    spellings: bucketNames.folded === true
      ? listSpellings({ resource, copySource: undefined, parameters })
      : [],
    path: `${sent.path.replace(/\/$/, "")}/${key}`,
    query: new Map(),
    parameters,
    sentHeaders: headers,
    headers,
    bodyLength: { kind: "unknown" },
  });
}

function buildHeaders(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [field, text] of fields) {
    const name = HEADERS.get(field) ?? (field.startsWith("x-amz-") ? field : undefined);
    if (name === undefined || OF_THE_FORM.has(name)) continue;
    if (REFUSED.test(name)) throw notImplemented(name);
    headerFate(name);
    const value = field === "tagging" ? formatTags(parseTagging(text)) : encodeHeader(text);
    if (value === undefined || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      throw new S3Error("InvalidArgument", {
        message: "A form field has a name or a value that no header can have.",
        detail: { ArgumentName: field },
      });
    }
    if (value !== "" || name.startsWith("x-amz-meta-")) headers.set(name, value);
  }
  return headers;
}

/** One character a byte of its UTF-8, as all header values here. */
function encodeHeader(text: string): string | undefined {
  const value = Buffer.from(text.trim()).toString("latin1");
  return HEADER_VALUE.test(value) ? value : undefined;
}

function notImplemented(name: string): S3Error {
  return new S3Error("NotImplemented", {
    message: `A form field you provided implies functionality that is not implemented: ${name}`,
    detail: { Header: name },
  });
}
