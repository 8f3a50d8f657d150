/**
 * What the path of a request tells of it, which is all that is kept for the console.
 * @module
 */

import type { S3Request } from "../s3/request.ts";
import { listHeaderActions } from "../s3/required_access.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";

/** The path of what a form stands for, as it would be sent. */
export function formatToldPath({ path }: Pick<S3Request, "path">): string {
  return uriEncodePath(path);
}

/**
 * Whether a request with the same method and path needs the same rights: it has no parameters of its own, no header that brings a
 * right or names a source, and its bucket is in its path and not in its host.
 */
export function isToldByPath(request: S3Request | undefined): boolean {
  if (request === undefined) return false;
  const { parameters, copySource, resource, path } = request;
  if (parameters.size > 0 || copySource !== undefined) return false;
  return listHeaderActions(request).length === 0 && hasBucketInPath({ resource, path });
}

function hasBucketInPath({ resource, path }: Pick<S3Request, "resource" | "path">): boolean {
  switch (resource.level) {
    case "service":
      return true;
    case "bucket":
      return path === `/${resource.bucket}` || path === `/${resource.bucket}/`;
    case "object":
      return path === `/${resource.bucket}/${resource.key}`;
  }
}
