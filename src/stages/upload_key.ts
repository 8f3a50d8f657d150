/**
 * Some stores heed the id of an upload in parts and not the key beside it: with the id of another's upload, which a list of the
 * bucket shows, whoever may write one key would have written, read or ended that one.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { childOf, childrenOf, textOf } from "../s3/xml.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { readBackendXml } from "./respond_rewritten.ts";

/**
 * Looks for the upload in the list of those of its key. Of more than a page the rest is not found.
 * @throws {S3Error} `NoSuchUpload`; `SlowDown` and `BadGateway` where the backend does not tell.
 */
export async function verifyUploadKey(authorized: Authorized, exchange: Exchange): Promise<void> {
  const { request } = authorized;
  const uploadId = request.parameters.get("uploadId");
  if (uploadId === undefined) return;
  assert(request.resource.level === "object", "Only objects are uploaded");
  const { bucket, key } = request.resource;
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(request),
    method: "GET",
    resource: { level: "bucket", bucket },
    headers: new Map(),
    parameters: new Map([["uploads", ""], ["prefix", key]]),
  });
  if (response.status !== 200) {
    await discardBody(response);
    if (response.status === 429 || response.status === 503) throw new S3Error("SlowDown");
    if (response.status === 404) throw new S3Error("NoSuchUpload");
    throw new S3Error("BadGateway", {
      reason: `cannot tell whose the upload is: ${response.status}`,
    });
  }
  const isOfKey = childrenOf(await readBackendXml(response)).some((upload) =>
    upload.name === "Upload" && textOf(childOf(upload, "Key")) === key &&
    textOf(childOf(upload, "UploadId")) === uploadId
  );
  if (!isOfKey) throw new S3Error("NoSuchUpload");
}
