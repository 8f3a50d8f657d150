/**
 * StringToSign of a whole request.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (Task 2).
 * @module
 */

import { sha256Hex } from "../lib/sha256.ts";
import type { AmzDate } from "./amz_date.ts";
import { type CredentialScope, formatCredentialScope } from "./credential_scope.ts";

/** The one algorithm. */
export const ALGORITHM = "AWS4-HMAC-SHA256";

/** Builds the text; header values in `canonicalRequest` are latin1, one character a byte. */
export function buildStringToSign(
  { amzDate, scope, canonicalRequest }: {
    amzDate: AmzDate;
    scope: CredentialScope;
    canonicalRequest: string;
  },
): string {
  const digest = sha256Hex(encodeLatin1(canonicalRequest));
  return `${ALGORITHM}\n${amzDate}\n${formatCredentialScope(scope)}\n${digest}`;
}

/**
 * A CanonicalRequest is ASCII but for header values, whose bytes listeners hand over as latin1: signing their UTF-8 would
 * sign other bytes than were sent.
 */
function encodeLatin1(text: string): string | Uint8Array {
  // deno-lint-ignore no-control-regex -- the range is ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
