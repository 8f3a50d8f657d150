/**
 * What honest clients store and read: an object's key says how long it is, and its bytes follow from where they stand.
 * @module
 */

import type { Answer, RecordedRequest } from "../support/recording_backend.ts";
import { formatResponse } from "../support/recording_backend.ts";

/** What clients ask for who then do not read it. */
export const LARGE_TARGET = "/mine/large";
const LISTED = 100;
const PATTERN_BYTES = 251;
const ALL = Uint8Array.from({ length: 1 << 20 }, (_, at) => at % PATTERN_BYTES);

/** The bytes of an object of `length`. */
export function objectBytes(length: number): Uint8Array {
  return ALL.subarray(0, length);
}

/** What a store would answer. */
export function answerHonestly({ method, target }: RecordedRequest): Answer {
  const [path = "", query = ""] = target.split("?");
  if (query.startsWith("delete")) return xml("<DeleteResult></DeleteResult>");
  if (method === "GET" && !path.includes("/", 1)) return xml(formatListing());
  if (method === "GET") {
    return { send: [formatResponse({ body: objectBytes(Number(/\d+$/.exec(path)?.[0])) })] };
  }
  return {};
}

function xml(body: string): Answer {
  const headers = [["Content-Type", "application/xml"]] as const;
  return { send: [formatResponse({ headers, body })] };
}

function formatListing(): string {
  const entry =
    "<Contents><Key>a</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>" +
    "<Size>1</Size><StorageClass>STANDARD</StorageClass><Owner><ID>master</ID></Owner></Contents>";
  return "<ListBucketResult><Name>honest</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys>" +
    `<IsTruncated>false</IsTruncated>${entry.repeat(LISTED)}</ListBucketResult>`;
}
