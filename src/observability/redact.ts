/**
 * What a canonical request or a path must not tell: the last line of defence before the log and the
 * error document.
 * @module
 */

import { cutUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";

/** Headers whose values are secrets. */
const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-security-token",
  "x-amz-server-side-encryption-customer-key",
]);

/** What is in each of their names: nearly every text has none. */
const MAY_NAME_SECRET = /customer-key|security-token/i;

/**
 * A CanonicalRequest (or StringToSign) as it may be shown: values of customer-key and
 * security-token headers read `[redacted]`, in the headers and in the query, and what passes
 * {@linkcode LIMITS.canonicalRequestShownBytesMax} bytes of UTF-8 is cut off, never inside a
 * character.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}.
 */
export function redactCanonicalRequest(text: string): string {
  // Cut first: a value that is cut has its name before it still, and 60 000 ampersands would be as many pieces.
  const start = text.slice(0, LIMITS.canonicalRequestShownBytesMax);
  const redacted = MAY_NAME_SECRET.test(start)
    ? start.split("\n").map(redactLine).join("\n")
    : start;
  return cutUtf8(redacted, LIMITS.canonicalRequestShownBytesMax);
}

/** `name:value` is a line of CanonicalHeaders; `name=value` between ampersands is CanonicalQueryString. */
function redactLine(line: string): string {
  return redactValue(line, ":") ??
    line.split("&").map((pair) => redactValue(pair, "=") ?? pair).join("&");
}

/** `text` without its value where that is a secret's, else `undefined`. */
function redactValue(text: string, separator: string): string | undefined {
  const separatorAt = text.indexOf(separator);
  const name = text.slice(0, Math.max(0, separatorAt));
  return SECRET_HEADERS.has(name.toLowerCase()) ? `${name}${separator}[redacted]` : undefined;
}

/** `?`, also where a client has encoded it, so that it is a part of the key. */
const QUERY_START = /\?|%3f/i;

/**
 * A path, or an object's ARN, without the query of a presigned URL: it is a credential, and one that somebody has encoded as a part of the
 * key can be decoded again.
 */
export function cutPresignedQuery(text: string): string {
  const at = text.search(QUERY_START);
  return at >= 0 && /signature/i.test(text.slice(at)) ? text.slice(0, at) : text;
}

/** A raw path without its query, as the log may have it: in one, `?` can begin nothing else. */
export function cutQuery(path: string): string {
  const queryAt = path.indexOf("?");
  return cutPresignedQuery(queryAt < 0 ? path : path.slice(0, queryAt));
}
