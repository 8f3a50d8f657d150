/**
 * `x-amz-copy-source`, parsed, authorized and encoded again once: RGW 16 reads some spellings of it as another bucket,
 * decodes UploadPartCopy's key twice.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html#API_CopyObject_RequestSyntax}.
 * @module
 */

import type { Capabilities } from "../stores/capabilities.ts";
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

/** What a store may take for a version, within a source key that it has decoded already. */
const LIKE_A_VERSION = /\?version/i;

/**
 * Refuses a source that the store could read as another one. A source with `?version` could name an object that was not authorized,
 * or none. So could one with `%` for UploadPartCopy on RGW 16, which decodes it twice. From CopyObject with a range RGW would make an
 * object of that range, without the metadata.
 * @throws {S3Error} `NotImplemented`; `InvalidArgument`; `NoSuchVersion` on a store without versions.
 */
export function verifyCopySource(
  source: CopySource,
  { operation, headers, capabilities }: {
    operation: { readonly name: OperationName };
    headers: ReadonlyMap<string, string>;
    capabilities: Pick<Capabilities, "copy_source" | "versions">;
  },
): CopySource {
  const isDecodedAgain = operation.name === "UploadPartCopy" &&
    capabilities.copy_source === "twice";
  if (isDecodedAgain && source.key.includes("%") || LIKE_A_VERSION.test(source.key)) {
    throw new S3Error("NotImplemented", {
      message: `${operation.name} from a key that contains ${isDecodedAgain ? "'%' or " : ""}` +
        "'?version' is not implemented",
      detail: { Header: "x-amz-copy-source" },
    });
  }
  const { versionId } = source;
  if (!capabilities.versions && versionId !== undefined && versionId !== "null") {
    throw new S3Error("NoSuchVersion");
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
