/**
 * What a canonical request must not tell: the last line of defence before the debug log and the
 * error document.
 * @module
 */

import { LIMITS } from "../limits.ts";

const SECRET_HEADERS =
  "x-amz-(?:copy-source-)?server-side-encryption-customer-key|x-amz-security-token";
/** `name:value` on a line of its own: CanonicalHeaders. */
const HEADER_LINE = new RegExp(`^(${SECRET_HEADERS}):[^\\n]*`, "gim");
/** `name=value` between ampersands: CanonicalQueryString, where presigners put such headers. */
const QUERY_PARAMETER = new RegExp(`(^|&)(${SECRET_HEADERS})=[^&\\n]*`, "gim");

const encoder = new TextEncoder();

/**
 * A CanonicalRequest (or StringToSign) as it may be shown: values of customer-key and
 * security-token headers read `[redacted]`, in the headers and in the query, and what passes
 * {@linkcode LIMITS.canonicalRequestShownBytesMax} bytes of UTF-8 is cut off, never inside a
 * character.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html}.
 */
export function redactCanonicalRequest(text: string): string {
  const redacted = text
    .replace(HEADER_LINE, "$1:[redacted]")
    .replace(QUERY_PARAMETER, "$1$2=[redacted]");
  const shown = new Uint8Array(LIMITS.canonicalRequestShownBytesMax);
  return redacted.slice(0, encoder.encodeInto(redacted, shown).read);
}
