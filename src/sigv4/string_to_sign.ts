/**
 * StringToSign of a whole request.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (Task 2).
 * @module
 */

import { sha256Hex } from "../lib/sha256.ts";
import type { AmzDate } from "./amz_date.ts";
import type { CredentialScope } from "./credential_scope.ts";

/** The one algorithm. */
export const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Builds the text. A CanonicalRequest is ASCII but for header values, whose bytes listeners hand over as latin1: signing
 * their UTF-8 would sign other bytes than were sent.
 */
export function buildStringToSign(
  { amzDate, scope, canonicalRequest }: {
    amzDate: AmzDate;
    scope: CredentialScope;
    canonicalRequest: string;
  },
): string {
  return `${ALGORITHM}\n${amzDate}\n${scope.text}\n${sha256Hex(canonicalRequest)}`;
}
