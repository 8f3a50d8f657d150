/**
 * Headers to the backend and back, each built from an empty set by an allow-list.
 * @module
 */

import type { CopySource } from "../s3/copy_source.ts";
import { headerFate } from "../s3/header_table.ts";
import type { S3Request } from "../s3/request.ts";
import { uriEncodePath } from "../sigv4/uri_encode.ts";
import type { BackendHeaders } from "./backend_response.ts";

const RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "retry-after",
  "x-amz-abort-date",
  "x-amz-abort-rule-id",
  "x-amz-archive-status",
  "x-amz-bucket-region",
  "x-amz-copy-source-version-id",
  "x-amz-delete-marker",
  "x-amz-expiration",
  "x-amz-missing-meta",
  "x-amz-mp-parts-count",
  "x-amz-object-lock-legal-hold",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-replication-status",
  "x-amz-restore",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-server-side-encryption-customer-key-md5",
  "x-amz-storage-class",
  "x-amz-tagging-count",
  "x-amz-transition-default-minimum-object-size",
  "x-amz-version-id",
  "x-amz-website-redirect-location",
]);

/** The headers of the request to the backend, without those of signing: what the header table forwards. */
export function buildUpstreamHeaders(request: S3Request): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of request.headers) {
    if (headerFate(name) === "forward") headers.set(name, replaceTabs(value));
  }
  if (request.copySource !== undefined) {
    headers.set("x-amz-copy-source", formatCopySource(request.copySource));
  }
  const encoding = headers.get("content-encoding");
  if (encoding !== undefined) setContentEncoding(headers, encoding);
  return headers;
}

/** RGW signs the first character of a run of blanks, and S3 does not say what to do with tabs. Without tabs all agree. */
function replaceTabs(value: string): string {
  if (!value.includes("\t")) return value;
  // A tab with what may stand around it would be looked for anew at each blank of a run, of which there may be 60 000.
  return value.replace(/[ \t]+/g, (run) => run.includes("\t") ? " " : run);
}

/** The copy source that was parsed and authorized, encoded once. */
function formatCopySource({ bucket, key, versionId }: CopySource): string {
  const path = `/${bucket}/${uriEncodePath(key)}`;
  return versionId === undefined ? path : `${path}?versionId=${versionId}`;
}

/** `aws-chunked` is the framing that ends here; RGW would store it as the object's own. */
function setContentEncoding(headers: Map<string, string>, encoding: string): void {
  const codings = encoding.split(",").map((coding) => coding.trim());
  const kept = codings.filter((coding) => coding !== "" && coding.toLowerCase() !== "aws-chunked");
  if (kept.length === codings.length) return;
  if (kept.length === 0) headers.delete("content-encoding");
  else headers.set("content-encoding", kept.join(","));
}

/** The backend's response headers that a client may see. Its request ids, cookies and `x-rgw-*` stay behind. */
export function selectResponseHeaders(
  headers: BackendHeaders,
): [name: string, value: string][] {
  const selected: [name: string, value: string][] = [];
  // As in readHeaders(): not iterated.
  headers.forEach((value, name) => {
    if (RESPONSE_HEADERS.has(name) || name.startsWith("x-amz-meta-")) selected.push([name, value]);
  });
  return selected;
}
