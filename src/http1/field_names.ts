/**
 * Names of fields, which are the same in any case: RFC 9110 §5.1, and RFC 9112 §5 for where they stand. Read, they are lower case and
 * one string each, however often they come; written, they are spelled as S3 spells them, which a few clients rely on (samtools 1.16
 * looks for `ETag: `).
 * @module
 */

/** Of requests and responses, as S3 and its documentation spell them; `x-amz-*` are lower case there. */
const SPELLINGS = [
  "Accept",
  "Accept-Encoding",
  "Accept-Language",
  "Accept-Ranges",
  "Access-Control-Allow-Credentials",
  "Access-Control-Allow-Headers",
  "Access-Control-Allow-Methods",
  "Access-Control-Allow-Origin",
  "Access-Control-Expose-Headers",
  "Access-Control-Max-Age",
  "Access-Control-Request-Headers",
  "Access-Control-Request-Method",
  "Age",
  "Allow",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "Authorization",
  "Cache-Control",
  "Connection",
  "Content-Disposition",
  "Content-Encoding",
  "Content-Language",
  "Content-Length",
  "Content-MD5",
  "Content-Range",
  "Content-Type",
  "Date",
  "ETag",
  "Expect",
  "Expires",
  "Forwarded",
  "Host",
  "If-Match",
  "If-Modified-Since",
  "If-None-Match",
  "If-Range",
  "If-Unmodified-Since",
  "Keep-Alive",
  "Last-Modified",
  "Location",
  "Origin",
  "Range",
  "Referer",
  "Retry-After",
  "Server",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "User-Agent",
  "Vary",
  "Via",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "X-Forwarded-Proto",
  "X-Real-IP",
  "x-amz-acl",
  "x-amz-bucket-region",
  "x-amz-checksum-algorithm",
  "x-amz-checksum-crc32",
  "x-amz-checksum-crc32c",
  "x-amz-checksum-crc64nvme",
  "x-amz-checksum-mode",
  "x-amz-checksum-sha1",
  "x-amz-checksum-sha256",
  "x-amz-checksum-type",
  "x-amz-content-sha256",
  "x-amz-copy-source",
  "x-amz-copy-source-range",
  "x-amz-date",
  "x-amz-decoded-content-length",
  "x-amz-delete-marker",
  "x-amz-expiration",
  "x-amz-id-2",
  "x-amz-metadata-directive",
  "x-amz-mp-parts-count",
  "x-amz-request-id",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-security-token",
  "x-amz-server-side-encryption",
  "x-amz-storage-class",
  "x-amz-tagging",
  "x-amz-tagging-count",
  "x-amz-te",
  "x-amz-trailer",
  "x-amz-user-agent",
  "x-amz-version-id",
  "x-rgw-object-type",
] as const;

const spellings = new Map(SPELLINGS.map((name): [string, string] => [name.toLowerCase(), name]));
/** By {@linkcode addToHash}, which is made as a name is read; none of them collide, which a test holds. */
const interned = new Map(SPELLINGS.map((name): [number, string] => {
  const lower = name.toLowerCase();
  let hash = 0;
  for (let at = 0; at < lower.length; at++) hash = addToHash(hash, lower.charCodeAt(at));
  return [hash, lower];
}));

/** The hash of a name with one more lower-case character; that of no character is 0. */
export function addToHash(hash: number, character: number): number {
  return Math.imul(hash, 31) + character | 0;
}

/** The common name that has this hash. Others may have it too: whoever asks compares. */
export function findFieldName(hash: number): string | undefined {
  return interned.get(hash);
}

/** How S3 spells a lower-case name that is a common one. */
export function spellFieldName(name: string): string | undefined {
  return spellings.get(name);
}

/** Every common name, in lower case. */
export function listFieldNames(): readonly string[] {
  return [...spellings.keys()];
}
