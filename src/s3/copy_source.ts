/**
 * `x-amz-copy-source`, parsed, authorized and encoded again once: RGW 16 reads some spellings of it as another bucket,
 * decodes UploadPartCopy's key twice.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html#API_CopyObject_RequestSyntax}.
 * @module
 */

import { S3Error } from "./error.ts";
import {
  type BucketName,
  type BucketNameRules,
  isVersionId,
  type ObjectKey,
  parseBucketName,
  parseObjectKey,
} from "./names.ts";
import type { OperationName } from "./operation_table.ts";
import { decodePercent } from "./target.ts";

/** The object that CopyObject and UploadPartCopy read. */
export interface CopySource {
  readonly bucket: BucketName;
  readonly key: ObjectKey;
  readonly versionId: string | undefined;
}

// What version ids look like on RGW and AWS; anything else would have to be escaped into the header.
const VERSION_ID = /^[A-Za-z0-9._-]{1,1024}$/;

/**
 * Reads `[/]bucket/key[?versionId=id]`, percent-encoded once. Access point ARNs are refused.
 * @throws {S3Error} `InvalidArgument` for any other form; `InvalidBucketName`, `InvalidURI` and `KeyTooLongError` from
 *   the names' parsers.
 */
export function parseCopySource(text: string, rules: BucketNameRules): CopySource {
  if (!/^[ -~]+$/.test(text)) throw invalid();
  const [path = "", versionId] = splitVersionId(text);
  const decoded = decodePercent(path).replace(/^\//, ""); // `encodeURIComponent` makes `%2F` of it
  const slashAt = decoded.indexOf("/");
  if (slashAt <= 0 || slashAt === decoded.length - 1) throw invalid();
  const bucket = decoded.slice(0, slashAt);
  // `tenant:bucket` is another tenant's bucket on RGW; `arn:aws:…:accesspoint/…` another way in on AWS.
  if (bucket.includes(":")) throw invalid();
  return {
    bucket: parseBucketName(bucket, rules),
    key: parseObjectKey(decoded.slice(slashAt + 1), rules),
    versionId,
  };
}

/** What RGW 16 may take for an escape or for the version in a key of UploadPartCopy, which it decodes twice; and what is like it. */
const READ_TWICE = /%|\?version/i;

/**
 * Holds a source to what RGW 16 makes of it: one of UploadPartCopy that holds `%` or `?version` could name what was not
 * authorized, or nothing that the gateway can read; and of CopyObject with a range it makes an object of that part, without its metadata.
 * @throws {S3Error} `NotImplemented`; `InvalidArgument`.
 */
export function verifyCopySource(
  source: CopySource,
  { operation, headers }: {
    operation: { readonly name: OperationName };
    headers: ReadonlyMap<string, string>;
  },
): CopySource {
  if (operation.name === "UploadPartCopy" && READ_TWICE.test(source.key)) {
    throw new S3Error("NotImplemented", {
      message: "UploadPartCopy from a key that contains '%' or '?version' is not implemented",
      detail: { Header: "x-amz-copy-source" },
    });
  }
  if (operation.name === "CopyObject" && headers.has("x-amz-copy-source-range")) {
    throw new S3Error("InvalidArgument", {
      message: "x-amz-copy-source-range is only for UploadPartCopy.",
      detail: { ArgumentName: "x-amz-copy-source-range" },
    });
  }
  return source;
}

/** Splits off `?versionId=`; a `?` that is part of the key arrives as `%3F`, any other raw `?` is refused. */
function splitVersionId(text: string): [path: string, versionId: string | undefined] {
  const queryAt = text.indexOf("?");
  if (queryAt < 0) return [text, undefined];
  const match = /^versionId=(.*)$/.exec(text.slice(queryAt + 1));
  const versionId = match?.[1];
  if (versionId === undefined || !VERSION_ID.test(versionId) || !isVersionId(versionId)) {
    throw invalid();
  }
  return [text.slice(0, queryAt), versionId];
}

function invalid(): S3Error {
  return new S3Error("InvalidArgument", {
    message: "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    detail: { ArgumentName: "x-amz-copy-source" },
  });
}
