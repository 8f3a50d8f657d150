/**
 * The Range of a read: S3 reads one range of bytes, and ignores what is none, or several.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html} and RFC 9110 §14.2.
 * @module
 */

import { S3Error } from "./error.ts";
import type { OperationName } from "./operation_table.ts";

/** Of offsets that 64 bits can hold. */
const RANGE = /^bytes=(?:(\d{1,19})-(\d{0,19})|-(\d{1,19}))$/i;
const DIGITS_MAX = 19;

/**
 * Leaves out a Range that S3 ignores. RGW answers 416 to one that is not valid, answers the first of several ranges, and takes
 * a request for the last 0 bytes for one for all.
 * @throws {S3Error} `InvalidRange` for the last 0 bytes; `InvalidRequest` for a range of a part.
 */
export function readRange(
  headers: ReadonlyMap<string, string>,
  { operation, isPart }: { operation: { readonly name: OperationName }; isPart: boolean },
): ReadonlyMap<string, string> {
  const range = headers.get("range");
  if (range === undefined) return headers;
  if (operation.name !== "GetObject" && operation.name !== "HeadObject") return headers;
  const [match, first = "", last = "", suffix = ""] = RANGE.exec(range) ?? [];
  if (match === undefined || first !== "" && last !== "" && isLess(last, first)) {
    const without = new Map(headers);
    without.delete("range");
    return without;
  }
  if (isPart) {
    throw new S3Error("InvalidRequest", {
      message: "Cannot specify both Range header and partNumber query parameter",
    });
  }
  if (/^0+$/.test(suffix)) throw new S3Error("InvalidRange", { detail: { RangeRequested: range } });
  return headers;
}

function isLess(one: string, other: string): boolean {
  return one.padStart(DIGITS_MAX, "0") < other.padStart(DIGITS_MAX, "0");
}
