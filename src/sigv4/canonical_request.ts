/**
 * CanonicalRequest: what a signature is made over.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} (Task 1).
 * @module
 */

import { trimBlanks } from "../lib/blanks.ts";
import { uriEncode, uriEncodePath } from "./uri_encode.ts";

const NEEDS_TRIM = /^[ \t]| {2}|[ \t]$/;

/** The parts of a request that are signed, decoded. */
export interface SignableRequest {
  readonly method: string;
  /** Decoded path: S3 encodes it once and normalises nothing. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Lower-case names, sorted; each is in `headers`. */
  readonly signedHeaders: readonly string[];
  /** Value of `x-amz-content-sha256`. */
  readonly payloadHash: string;
}

/** Builds the text. */
export function buildCanonicalRequest(request: SignableRequest): string {
  const { headers, signedHeaders } = request;
  let canonicalHeaders = "";
  for (const name of signedHeaders) {
    canonicalHeaders += formatCanonicalHeader(name, headers.get(name) ?? "");
  }
  return joinCanonicalRequest(request, {
    canonicalHeaders,
    signedHeaders: signedHeaders.join(";"),
  });
}

/** One line of the CanonicalHeaders. */
export function formatCanonicalHeader(name: string, value: string): string {
  return `${name}:${normaliseValue(value)}\n`;
}

/** Joins its parts. */
export function joinCanonicalRequest(
  { method, path, query, payloadHash }: Omit<SignableRequest, "headers" | "signedHeaders">,
  { canonicalHeaders, signedHeaders }: { canonicalHeaders: string; signedHeaders: string },
): string {
  return `${method}\n${uriEncodePath(path)}\n${
    formatCanonicalQuery(query)
  }\n${canonicalHeaders}\n${signedHeaders}\n${payloadHash}`;
}

/** Names and values encoded, then sorted by name; `X-Amz-Signature` cannot sign itself. */
export function formatCanonicalQuery(query: ReadonlyMap<string, string>): string {
  if (query.size === 0) return "";
  return joinSorted(query) ?? joinUnsorted(query);
}

/** `undefined` where the names are not in their order: nearly every signer sends them so. */
function joinSorted(query: ReadonlyMap<string, string>): string | undefined {
  let text = "";
  let last = "";
  for (const [sent, value] of query) {
    if (sent === "X-Amz-Signature") continue;
    const name = uriEncode(sent);
    if (name < last) return undefined;
    text += `${text === "" ? "" : "&"}${name}=${uriEncode(value)}`;
    last = name;
  }
  return text;
}

function joinUnsorted(query: ReadonlyMap<string, string>): string {
  const pairs: [name: string, value: string][] = [];
  for (const [name, value] of query) {
    if (name !== "X-Amz-Signature") pairs.push([uriEncode(name), uriEncode(value)]);
  }
  // Encoded names are ASCII, so comparing code units is comparing bytes. They are unique: no tie.
  pairs.sort(([left], [right]) => left < right ? -1 : 1);
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

/** "Trim": no spaces around, single spaces within. Listeners have trimmed most values already. */
function normaliseValue(value: string): string {
  if (!NEEDS_TRIM.test(value)) return value;
  // Runs of blanks are reduced first: a search for blanks at the end starts again at each blank of a run, which may have 60 000.
  return trimBlanks(value.replace(/ {2,}/g, " "));
}
