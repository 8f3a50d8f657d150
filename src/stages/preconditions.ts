/**
 * Preconditions that RGW ignores on one operation and honours on another: the proxy asks by the other one.
 * @module
 */

import { type Answer, discardBody, respond } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { findMissing } from "./missing_object.ts";

/** Headers about a copy's source, and what they are called where the source itself is read. */
const SOURCE_HEADERS: readonly [ofCopy: string, ofRead: string][] = [
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
].map((name) => [`x-amz-copy-source-${name}`, name]);
/** The key that the source is encrypted with, without which it cannot be looked at. */
const SOURCE_KEY_HEADERS: readonly [ofCopy: string, ofRead: string][] = [
  "server-side-encryption-customer-algorithm",
  "server-side-encryption-customer-key",
  "server-side-encryption-customer-key-md5",
].map((name) => [`x-amz-copy-source-${name}`, `x-amz-${name}`]);

/**
 * Asks the source of a copy whether it meets `x-amz-copy-source-if-*`, which RGW 16 ignores on CopyObject and
 * UploadPartCopy. Between this and the copy it may still change.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html#API_CopyObject_RequestSyntax}.
 * @returns The refusal, where the backend has one.
 * @throws {S3Error} `PreconditionFailed`; `NoSuchKey`, `NoSuchVersion`, `NoSuchBucket`; those of the backend.
 */
export async function verifySourcePreconditions(
  authorized: Authorized,
  exchange: Exchange,
): Promise<Answer | undefined> {
  const { copySource, headers } = authorized.request;
  if (copySource === undefined || !SOURCE_HEADERS.some(([name]) => headers.has(name))) return;
  const { bucket, key, versionId } = copySource;
  const head: BackendRequest = {
    ...buildBackendRequest(authorized.request),
    method: "HEAD",
    resource: { level: "object", bucket, key },
    parameters: new Map(versionId === undefined ? [] : [["versionId", versionId]]),
    headers: new Map(
      [...SOURCE_HEADERS, ...SOURCE_KEY_HEADERS].flatMap(([ofCopy, ofRead]) => {
        const value = headers.get(ofCopy);
        return value === undefined ? [] : [[ofRead, value] as const];
      }),
    ),
  };
  const response = await exchange.send(authorized, head);
  if (response.status === 200) {
    exchange.giveBack();
    return;
  }
  // What a read answers with 304 is 412 of a copy.
  if (response.status === 304) throw new S3Error("PreconditionFailed");
  if (response.status === 404) {
    await discardBody(response);
    throw await findMissing(authorized, { exchange, asked: head });
  }
  return await respond(response, { context: exchange.context, extraHeaders: [] });
}

/**
 * Sends a read. RGW ignores `If-Range` and would go on, in the middle of a download, with another object's bytes: so the
 * part is asked for with `If-Match`, and if that fails the whole (RFC 9110 §13.1.5).
 * @throws {S3Error} those of the backend.
 */
export async function sendRead(
  authorized: Authorized,
  { request, exchange, capabilities }: {
    request: BackendRequest;
    exchange: Exchange;
    capabilities: Pick<Capabilities, "if_range">;
  },
): Promise<BackendResponse> {
  const ifRange = authorized.request.headers.get("if-range");
  if (capabilities.if_range && ifRange !== undefined) {
    const headers = new Map(request.headers).set("if-range", ifRange);
    return await exchange.send(authorized, { ...request, headers });
  }
  if (ifRange === undefined || !request.headers.has("range")) {
    return await exchange.send(authorized, request);
  }
  // A date or a weak ETag does not prove that bytes are the same, and a request can have only one If-Match.
  if (/^"[^"]*"$/.test(ifRange) && !request.headers.has("if-match")) {
    const headers = new Map(request.headers).set("if-match", ifRange);
    const part = await exchange.send(authorized, { ...request, headers });
    if (part.status !== 412) return part;
    await discardBody(part);
  }
  const headers = new Map(request.headers);
  headers.delete("range");
  return await exchange.send(authorized, { ...request, headers });
}
