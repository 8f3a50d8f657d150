/**
 * What the parameters of a query are: authentication, headers that a presigner put there, what S3 ignores, and the
 * operation's own.
 * @module
 */

import { trimBlanks } from "../lib/blanks.ts";
import { LIMITS } from "../limits.ts";
import { S3Error, type S3ErrorCode, type S3ErrorDetail } from "./error.ts";
import { isUploadId, isVersionId } from "./names.ts";
import type { Operation } from "./operation_table.ts";
import { isPresignedV2 } from "./signature_version_2.ts";

/** Query parameters that authenticate; the first three are those of Signature Version 2. */
const AUTHENTICATION = new Set([
  "AWSAccessKeyId",
  "Expires",
  "Signature",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
]);
/**
 * Of any case: S3 ignores what begins so and is no header, and writes it into its log, as is done here.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html#LogFormatCustom}.
 */
const IGNORED_PREFIX = "x-";
/** Which API call an SDK believes it makes; the operation table decides that, and the log has it. */
const SDK_PARAMETER = "x-id";
/** aws-sdk-js v2 presigns these as parameters, which S3 does not look at. */
const IGNORED_WHEN_PRESIGNED = new Set(["Cache-Control", "Content-MD5", "Content-Type"]);
// RFC 9110 §5.5: no control characters but the tab; latin1 beyond.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The same without any control character, latin1's included: what a backend makes of one is its own affair. */
const RESPONSE_HEADER_VALUE = /^[\x20-\x7e\xa0-\xff]*$/;

/** What {@linkcode divideQuery} tells apart. */
export interface DividedQuery {
  /** Of the operation. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Those that were sent, and those of the query. */
  readonly headers: ReadonlyMap<string, string>;
  /** What was ignored, decoded, as `name=value` between `&`. */
  readonly custom: string;
}

/** botocore puts these into a URL of Signature Version 2, which signs them as headers. */
const HEADERS_OF_VERSION_2: ReadonlySet<string> = new Set(["content-md5", "content-type"]);

/**
 * Tells the operation's parameters from what signs and what is ignored. SDK presigners move headers into the query; RGW
 * honours some there and drops others silently: they become headers.
 * @throws {S3Error} `InvalidArgument` for a header in both places, and for a value that no header has.
 */
export function divideQuery(
  query: ReadonlyMap<string, string>,
  sent: ReadonlyMap<string, string>,
): DividedQuery {
  if (query.size === 0) return { parameters: query, headers: sent, custom: "" };
  const parameters = new Map<string, string>();
  const custom: string[] = [];
  let headers: Map<string, string> | undefined;
  const isPresigned = query.has("X-Amz-Signature");
  const isVersion2 = isPresignedV2(query);
  for (const [name, sentValue] of query) {
    if (AUTHENTICATION.has(name)) continue;
    if (isPresigned && IGNORED_WHEN_PRESIGNED.has(name)) continue;
    const header = name.toLowerCase();
    if (!header.startsWith("x-amz-") && !(isVersion2 && HEADERS_OF_VERSION_2.has(header))) {
      if (!header.startsWith(IGNORED_PREFIX)) parameters.set(name, sentValue);
      else if (name !== SDK_PARAMETER || isVersion2) custom.push(`${name}=${sentValue}`);
      continue;
    }
    headers ??= new Map(sent);
    // The backend reads it so: what is decided on must be the same.
    const value = trimBlanks(sentValue);
    // aws-sdk-js v2 signs both, and so has the same in both.
    if (sent.get(header) === value) continue;
    if (headers.has(header) || !HEADER_VALUE.test(value)) {
      throw new S3Error("InvalidArgument", {
        message: `A header in the query is given twice or has a value no header can have: ${name}`,
        detail: { ArgumentName: name },
      });
    }
    headers.set(header, value);
  }
  return { parameters, headers: headers ?? sent, custom: custom.join("&") };
}

/** The errors for a parameter that cannot be the id of an upload or a version, because no store gives out such ids. */
const NO_SUCH_ID: ReadonlyMap<string, S3ErrorCode> = new Map([
  ["uploadId", "NoSuchUpload"],
  ["upload-id-marker", "NoSuchUpload"],
  ["versionId", "NoSuchVersion"],
  ["version-id-marker", "NoSuchVersion"],
]);

/** Of S3's integers. */
const INTEGER_MAX = 2 ** 31 - 1;

function describeId(name: string, value: string): S3ErrorDetail {
  if (name === "uploadId") return { UploadId: value };
  return name === "versionId" ? { VersionId: value } : {};
}

/** S3's sentences, by parameter. */
const OUT_OF_RANGE: ReadonlyMap<string, string> = new Map([
  ["encoding-type", "Invalid Encoding Method specified in Request"],
  ["partNumber", "Part number must be an integer between 1 and 10000, inclusive"],
  ...["max-keys", "max-parts", "max-uploads", "part-number-marker"].map((name) =>
    [name, `Provided ${name} not an integer or within integer range`] as const
  ),
]);

function describeFault(name: string, value: string): string {
  if (/^max-/.test(name) && /^-\d+$/.test(value)) {
    const shown = name === "max-keys" ? "maxKeys" : name;
    return `Argument ${shown} must be an integer between 0 and ${INTEGER_MAX}`;
  }
  return OUT_OF_RANGE.get(name) ?? `The query parameter ${name} has a value it cannot have.`;
}

/**
 * Refuses parameters of an operation whose values cannot be valid.
 * @throws {S3Error} `NoSuchUpload` or `NoSuchVersion` for what is no id; `InvalidArgument`, naming the parameter.
 */
export function verifyParameterValues(
  operation: Operation,
  parameters: ReadonlyMap<string, string>,
): void {
  for (const [name, value] of parameters) {
    if (isValidParameter({ name, value, isFlag: isFlag(operation, name) })) continue;
    const noSuchId = NO_SUCH_ID.get(name);
    if (noSuchId !== undefined) throw new S3Error(noSuchId, { detail: describeId(name, value) });
    throw new S3Error("InvalidArgument", {
      message: describeFault(name, value),
      detail: { ArgumentName: name, ArgumentValue: value },
    });
  }
  if (operation.parameters.has("partNumber") && operation.subresource === "uploadId") {
    if (!parameters.has("partNumber")) {
      throw new S3Error("InvalidArgument", {
        message: "UploadPart takes a partNumber.",
        detail: { ArgumentName: "partNumber" },
      });
    }
  }
}

/** A subresource that only selects an operation, such as `acl`, has no value. */
function isFlag(operation: Operation, name: string): boolean {
  return name === operation.subresource && name !== "uploadId" && name !== "list-type";
}

function isValidParameter(
  { name, value, isFlag }: { name: string; value: string; isFlag: boolean },
): boolean {
  if (isFlag) return value === "";
  switch (name) {
    case "list-type":
      return value === "2";
    case "uploadId":
      return isUploadId(value);
    case "upload-id-marker":
      return value === "" || isUploadId(value);
    case "versionId":
      return isVersionId(value);
    case "version-id-marker":
      return value === "" || isVersionId(value);
    case "encoding-type":
      return value === "" || value.toLowerCase() === "url";
    case "max-keys":
    case "max-parts":
    case "max-uploads":
    case "part-number-marker":
      return value === "" || /^[0-9]{1,10}$/.test(value) && Number(value) <= INTEGER_MAX;
    case "partNumber":
      return /^[1-9][0-9]{0,4}$/.test(value) && Number(value) <= LIMITS.partNumberMax;
    default:
      // A backend would copy these values into the head of its response.
      return !name.startsWith("response-") || RESPONSE_HEADER_VALUE.test(value);
  }
}
