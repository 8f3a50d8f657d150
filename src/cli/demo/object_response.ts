/**
 * How the demo gives an object back: whole, a range, or not modified.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html}.
 * @module
 */

import { S3Error } from "../../s3/error.ts";
import { headerFate } from "../../s3/header_table.ts";
import type { S3Request } from "../../s3/request.ts";
import type { StoredObject } from "./store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const RANGE = /^bytes=(\d*)-(\d*)$/;

/** Entity headers and metadata: what a GET returns again. */
export function selectStoredHeaders({ headers }: S3Request): ReadonlyMap<string, string> {
  const kept = [...headers].filter(([name]) =>
    headerFate(name) === "forward" &&
    (name.startsWith("x-amz-meta-") || /^(?:content-(?!md5)|cache-control|expires)/.test(name))
  );
  return new Map(kept);
}

/** A GET or HEAD of `object`, or of a range of it. @throws {S3Error} `InvalidArgument` for a range it does not have. */
export function respondWithObject(request: S3Request, object: StoredObject): Response {
  const { bytes, eTag, lastModified } = object;
  const headers = new Headers([
    ...object.headers,
    ["etag", eTag],
    ["last-modified", lastModified.toUTCString()],
    ["accept-ranges", "bytes"],
  ]);
  if (request.headers.get("if-none-match") === eTag) {
    return new Response(null, { status: 304, headers });
  }
  const range = request.headers.get("range");
  const [from, to] = parseRange(range, bytes);
  const isWhole = range === undefined;
  if (!isWhole) headers.set("content-range", `bytes ${from}-${to}/${bytes.length}`);
  headers.set("content-length", String(to - from + 1));
  const body = request.method === "HEAD" ? null : bytes.subarray(from, to + 1);
  return new Response(body, { status: isWhole ? 200 : 206, headers });
}

/** First and last byte of a range, or of everything. @throws {S3Error} `InvalidArgument` for one that has none. */
export function parseRange(range: string | undefined, bytes: Bytes): [from: number, to: number] {
  const last = bytes.length - 1;
  if (range === undefined) return [0, last];
  const [, first = "", end = ""] = RANGE.exec(range) ?? [];
  if (first === "" && end === "") throw new S3Error("InvalidArgument");
  const from = first === "" ? Math.max(0, bytes.length - Number(end)) : Number(first);
  const to = first === "" || end === "" ? last : Math.min(Number(end), last);
  if (from > to) throw new S3Error("InvalidArgument", { message: "The range is not satisfiable." });
  return [from, to];
}
