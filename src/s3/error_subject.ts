/**
 * What an error is about: the elements that S3 has beside a code, as far as the request alone tells them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses}.
 * @module
 */

import type { S3ErrorDetail } from "./error.ts";
import type { S3Request } from "./request.ts";

/** What is known of a request once it is understood. */
export type ErrorSubject = Pick<
  S3Request,
  "method" | "resource" | "copySource" | "parameters" | "headers"
>;

const OF_BUCKETS: ReadonlySet<string> = new Set([
  "BucketAlreadyExists",
  "BucketAlreadyOwnedByYou",
  "BucketNotEmpty",
  "NoSuchBucket",
  "NoSuchBucketPolicy",
  "NoSuchCORSConfiguration",
  "NoSuchLifecycleConfiguration",
  "NoSuchTagSet",
  "NoSuchWebsiteConfiguration",
  "ObjectLockConfigurationNotFoundError",
]);

const CONDITIONS = [
  ["if-match", "If-Match"],
  ["if-none-match", "If-None-Match"],
  ["if-unmodified-since", "If-Unmodified-Since"],
] as const;

/** The elements of `code`; none where the request does not tell which of its parts is meant. */
export function describeSubject(code: string, subject: ErrorSubject): S3ErrorDetail {
  const { method, resource, copySource, parameters, headers } = subject;
  // A copy names two buckets.
  if (OF_BUCKETS.has(code) && resource.level !== "service" && copySource === undefined) {
    return { BucketName: resource.bucket };
  }
  const key = copySource?.key ?? (resource.level === "object" ? resource.key : undefined);
  const versionId = copySource?.versionId ?? parameters.get("versionId");
  const conditions = CONDITIONS.filter(([name]) => headers.has(name));
  switch (code) {
    case "NoSuchKey":
      return pick({ Key: key });
    case "NoSuchVersion":
      return pick({ Key: key, VersionId: versionId });
    case "NoSuchUpload":
      return pick({ UploadId: parameters.get("uploadId") });
    case "InvalidRange":
      return pick({ RangeRequested: headers.get("range") });
    case "PreconditionFailed":
      return conditions.length === 1 ? pick({ Condition: conditions[0]?.[1] }) : {};
    case "MethodNotAllowed":
      return { Method: method, ResourceType: resource.level.toUpperCase() };
    default:
      return {};
  }
}

function pick(elements: Readonly<Record<string, string | undefined>>): S3ErrorDetail {
  const found: Record<string, string> = {};
  for (const [name, text] of Object.entries(elements)) {
    if (text !== undefined) found[name] = text;
  }
  return found;
}
