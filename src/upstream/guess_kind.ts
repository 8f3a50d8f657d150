/**
 * What kind of store an answer is from, as far as its headers tell: for an operator to read, nothing depends on it.
 * @module
 */

import type { BackendHeaders } from "./backend_response.ts";

/** What is known of a kind of store by its answers: a header, and what it holds. */
const KINDS: readonly (readonly [kind: string, header: string, pattern: RegExp])[] = [
  ["Ceph RADOS Gateway", "x-amz-request-id", /^tx[0-9a-f]{9,40}-/],
  ["AWS S3", "server", /^AmazonS3$/],
  ["MinIO", "server", /^MinIO/],
  ["SeaweedFS", "server", /^SeaweedFS/],
  ["versitygw", "server", /^VERSITYGW/i],
  ["Garage", "server", /^garage/i],
];
const UNKNOWN_KIND = "S3, of a kind that its answers do not tell";

/** The kind's name, or a sentence that it is not told. */
export function guessKind(headers: BackendHeaders): string {
  const kind = KINDS.find(([, header, pattern]) => pattern.test(headers.get(header) ?? ""));
  return kind?.[0] ?? UNKNOWN_KIND;
}
