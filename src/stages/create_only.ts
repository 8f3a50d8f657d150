/**
 * A write that may only create, by an append-only grant or by `If-None-Match: *`. RGW honours `If-None-Match: *` on
 * PutObject, but not in a bucket with versions, and ignores it on CompleteMultipartUpload and CopyObject. So the proxy
 * looks first; for the latter two one writer of a key at a time, which a PutObject, that may take hours, is not held to.
 * What races remain: docs/COMPATIBILITY.md.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { KeyLock } from "../lib/key_lock.ts";
import { S3Error } from "../s3/error.ts";
import type { OperationName } from "../s3/operation_table.ts";
import type { S3Request } from "../s3/request.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";

const ONE_AT_A_TIME: ReadonlySet<OperationName> = new Set<OperationName>([
  "CompleteMultipartUpload",
  "CopyObject",
]);

/** Whether the client itself asks that nothing be overwritten, in the one way that S3 has for PutObject. */
export function asksToCreate({ operation, headers }: S3Request): boolean {
  return operation.name === "PutObject" && headers.get("if-none-match") === "*";
}

/**
 * Sends `request` so that it cannot overwrite.
 * @throws {S3Error} `PreconditionFailed` where the object is there already; `SlowDown` where others that write to it
 *   take too long.
 */
export async function sendCreating(
  authorized: Authorized,
  { request, exchange, keyLock }: {
    request: BackendRequest;
    exchange: Exchange;
    keyLock: KeyLock;
  },
): Promise<BackendResponse> {
  const { operation, resource } = authorized.request;
  if (operation.name === "PutObject") {
    await refuseExisting(authorized, exchange);
    const headers = new Map(request.headers).set("if-none-match", "*");
    return await exchange.send(authorized, { ...request, headers });
  }
  if (!ONE_AT_A_TIME.has(operation.name)) return await exchange.send(authorized, request);
  assert(resource.level === "object", "Only objects are created");
  const gone = authorized.raw.clientGone(); // asked for in time: later, `serve` does not tell any more
  const response = await keyLock.run(`${resource.bucket}/${resource.key}`, async () => {
    // Who has left while waiting writes nothing.
    if (gone.aborted) throw new S3Error("RequestTimeout", { reason: "client_gone" });
    await refuseExisting(authorized, exchange);
    // The backend finishes a copy whose client has left: the next writer waits for that.
    return await exchange.send(authorized, { ...request, outlivesClient: true });
  });
  if (response === undefined) throw new S3Error("SlowDown", { reason: "key_lock" });
  return response;
}

async function refuseExisting(authorized: Authorized, exchange: Exchange): Promise<void> {
  const { status } = await exchange.send(authorized, {
    ...buildBackendRequest(authorized.request),
    method: "HEAD",
    headers: new Map(),
    parameters: new Map(),
  });
  if (status === 404) return;
  // 400: it is encrypted with a key of the client's, without which nobody may look at it.
  if (status === 200 || status === 400) {
    throw new S3Error("PreconditionFailed", { detail: { Condition: "If-None-Match" } });
  }
  throw new S3Error("BadGateway", { reason: `cannot tell whether the object exists: ${status}` });
}
