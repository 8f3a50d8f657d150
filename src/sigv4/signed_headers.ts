/**
 * SignedHeaders: which headers a signature covers, and which it must.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (CanonicalHeaders).
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";

const TOKENS = /^[!#$%&'*+.^_`|~0-9a-z-]+(?:;[!#$%&'*+.^_`|~0-9a-z-]+)*$/;

/** The value of this header is the last line of what is signed, whether or not SignedHeaders names it. */
const SIGNED_BY_ITSELF = "x-amz-content-sha256";

/**
 * A header that clients sign (Net::Amazon::S3), and that nginx takes away because it answers it itself; with the one value
 * that HTTP has for it (RFC 9110 §10.1.1). Nothing behind the signature reads it.
 */
const EXPECT = { name: "expect", value: "100-continue" } as const;

/** The last list that was read, and from what: most requests have one of very few, and the next has often the same. */
let last: { readonly text: string; readonly names: readonly string[] } | undefined;

/** Reads `host;x-amz-date`: lower case, sorted, each once, at most {@linkcode LIMITS.signedHeadersMax}; else `undefined`. */
export function parseSignedHeaders(text: string): readonly string[] | undefined {
  if (last?.text !== text) {
    const names = readNames(text);
    if (names === undefined) return undefined;
    last = { text, names };
  }
  return last.names.length > LIMITS.signedHeadersMax ? undefined : last.names;
}

function readNames(text: string): readonly string[] | undefined {
  if (!TOKENS.test(text)) return undefined;
  const names = text.split(";");
  for (let at = 1; at < names.length; at++) {
    // INVARIANT: strictly rising, so no name stands twice.
    if ((names[at - 1] ?? "") >= (names[at] ?? "")) return undefined;
  }
  return names;
}

/**
 * Checks that a signature covers what S3 demands: `host`, and every `x-amz-*` header that was sent. An `x-amz-*` header that
 * is not signed could have been added by anyone on the way.
 * @returns The headers as they were signed: as sent, and with an `expect` that was signed and did not arrive.
 * @throws {S3Error} `AccessDenied`, with the names in `HeadersNotSigned`; `SignatureDoesNotMatch` for a header that is
 *   signed and not there.
 */
export function verifySignedHeaders(
  signedHeaders: readonly string[],
  headers: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const missing: string[] = holds(signedHeaders, "host") ? [] : ["host"];
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && !holds(signedHeaders, name) && name !== SIGNED_BY_ITSELF) {
      missing.push(name);
    }
  }
  if (missing.length > 0) {
    throw new S3Error("AccessDenied", {
      message: "There were headers present in the request which were not signed",
      detail: { HeadersNotSigned: missing.join(", ") },
      reason: "unsigned_header",
    });
  }
  for (const name of signedHeaders) {
    if (headers.has(name) || name === EXPECT.name) continue;
    throw new S3Error("SignatureDoesNotMatch", {
      message: `The signed header "${name}" is not in the request.`,
      reason: "signature_mismatch",
    });
  }
  return holds(signedHeaders, EXPECT.name) && !headers.has(EXPECT.name)
    ? new Map(headers).set(EXPECT.name, EXPECT.value)
    : headers;
}

/** Whether `name` is one of the sorted `names`, by halves: to put a few into a set costs more than to look for them. */
function holds(names: readonly string[], name: string): boolean {
  let from = 0;
  let to = names.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const found = names[middle] ?? "";
    if (found === name) return true;
    if (found < name) from = middle + 1;
    else to = middle;
  }
  return false;
}
