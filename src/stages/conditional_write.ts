/**
 * A write under a condition on what is there: by the client (`If-Match`, `If-None-Match`), or by an append-only grant,
 * which lets nothing be overwritten. One mechanism: the proxy looks, decides, and then writes; two operations write one
 * at a time to a key. {@linkcode planWrite} alone says what is left to the backend. What races remain:
 * docs/COMPATIBILITY.md.
 * @module
 */

import { assert } from "../lib/assert.ts";
import type { KeyLock } from "../lib/key_lock.ts";
import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { OperationName } from "../s3/operation_table.ts";
import { foldKey } from "../s3/key_readings.ts";
import type { S3Request } from "../s3/request.ts";
import { type Capabilities, holds } from "../stores/capabilities.ts";
import {
  CONDITIONED,
  type FoundObject,
  verifyWriteCondition,
  type WriteCondition,
} from "../s3/write_condition.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import type { BucketVersions } from "./bucket_versions.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { findMissing } from "./missing_object.ts";

/** How a write's condition is enforced. */
export interface WritePlan {
  /** What the client asks for; `undefined` for nothing, and where the backend is trusted with it. */
  readonly condition: WriteCondition | undefined;
  /** A grant asks that nothing be there. */
  readonly createOnly: boolean;
  /** Whether other writes to the key under a condition have to wait for this one. */
  readonly oneAtATime: boolean;
  /** The condition that the backend is sent in addition, so that no write comes between the look and this write. */
  readonly header: readonly [name: string, value: string] | undefined;
}

const CREATES: ReadonlySet<OperationName> = new Set<OperationName>([
  "CompleteMultipartUpload",
  "CopyObject",
  "PutObject",
]);

/**
 * Decides who enforces a write's condition; `undefined` for a write without one, or whose condition the backend enforces as it was
 * sent. What is known of the backend is used here and nowhere else. RGW 16 honours `If-None-Match: *` and an `If-Match` without
 * quotes on PutObject, both only in a bucket that never had versions, and ignores all conditions on the other two operations. Writes
 * whose condition it ignores take turns at their key. A PutObject whose condition it enforces may take hours, and takes no turn.
 */
export function planWrite(
  { operation: { name }, writeCondition: condition }: Pick<
    S3Request,
    "operation" | "writeCondition"
  >,
  { createOnly, capabilities }: { createOnly: boolean; capabilities: Capabilities },
): WritePlan | undefined {
  if (!CREATES.has(name) || condition === undefined && !createOnly) return undefined;
  const { ifMatch, ifNoneMatch } = condition ?? {};
  const wanted = createOnly || ifNoneMatch === "*"
    ? ["if-none-match", "*"] as const
    : ifMatch !== undefined && ifMatch !== "*"
    ? ["if-match", ifMatch] as const
    : undefined;
  const isHeld = wanted !== undefined &&
    holds(capabilities, `${CONDITIONED.get(name)}.${wanted[0]}`);
  const holdsAny = PUT_CONDITIONS.some((held) => holds(capabilities, held));
  const oneAtATime = name !== "PutObject" || !(wanted === undefined ? holdsAny : isHeld);
  return { condition, createOnly, oneAtATime, header: isHeld ? wanted : undefined };
}

/** A store that holds these is known: on it a PutObject never waits for others. */
const PUT_CONDITIONS = ["put.if-none-match", "put.if-match"];

/**
 * Sends `request` so that it does not write against its condition.
 * @throws {S3Error} `PreconditionFailed`, `NoSuchKey` or `NoSuchBucket` where the client's own does not hold; `AccessDenied` where only
 *   the grant's does not: aws-cli takes 412 for success, and restic repeats it; `SlowDown` where others that write to the
 *   key take too long, or the backend does not tell what is there.
 */
export async function sendConditionally(
  authorized: Authorized,
  { request, plan, exchange, keyLock, bucketVersions, capabilities }: {
    request: BackendRequest;
    plan: WritePlan;
    capabilities: Capabilities;
    exchange: Exchange;
    keyLock: KeyLock;
    bucketVersions: BucketVersions;
  },
): Promise<BackendResponse> {
  const { resource } = authorized.request;
  assert(resource.level === "object", "Only objects are created");
  if (!plan.oneAtATime) {
    verifyPlan(plan, await findObject(authorized, { exchange, plan }));
    const misreads = plan.header !== undefined && !capabilities.conditions_with_versions &&
      await bucketVersions.has(resource.bucket, { authorized, exchange });
    const headers = replaceConditions(
      request.headers,
      misreads ? { ...plan, header: undefined } : plan,
    );
    const response = await exchange.send(authorized, { ...request, headers });
    if (response.status !== 412 || !isGrantsOwn(plan)) return response;
    await discardBody(response); // somebody was faster
    throw overwriteDenied();
  }
  const headers = replaceConditions(request.headers, plan);
  const gone = authorized.raw.clientGone(); // asked for in time: later, `serve` does not tell any more
  // An upload ends with its client in any case.
  const outlivesClient = request.body.kind === "none" || request.body.kind === "bytes";
  const response = await keyLock.run(`${resource.bucket}/${foldKey(resource.key)}`, async () => {
    // A client that has left while its write waited writes nothing.
    if (gone.aborted) throw new S3Error("RequestTimeout", { reason: "client_gone" });
    verifyPlan(plan, await findObject(authorized, { exchange, plan }));
    // The backend finishes a copy whose client has left: the next writer waits for that.
    return await exchange.send(authorized, { ...request, headers, outlivesClient });
  });
  if (response === undefined) throw new S3Error("SlowDown", { reason: "key_lock" });
  return response;
}

/** The client's condition is decided here; the backend is sent the one of the plan. */
function replaceConditions(
  headers: ReadonlyMap<string, string>,
  { condition, header }: WritePlan,
): ReadonlyMap<string, string> {
  const replaced = new Map(headers);
  if (condition !== undefined) {
    replaced.delete("if-match");
    replaced.delete("if-none-match");
  }
  if (header !== undefined) replaced.set(...header);
  return replaced;
}

function verifyPlan(plan: WritePlan, found: FoundObject): void {
  if (found.isThere && isGrantsOwn(plan)) throw overwriteDenied();
  if (plan.condition !== undefined) verifyWriteCondition(plan.condition, found);
  if (found.isThere && plan.createOnly) throw overwriteDenied();
}

/** Whether only the grant, and not the client, asks that nothing be there. */
function isGrantsOwn({ createOnly, condition }: WritePlan): boolean {
  return createOnly && condition?.ifNoneMatch === undefined;
}

function overwriteDenied(): S3Error {
  return new S3Error("AccessDenied", {
    message: "Access Denied: the key exists, and this user may not overwrite it.",
    reason: "append_only",
  });
}

/** Asks what is there, with the key that the object is encrypted with where the request has one (SSE-C). */
async function findObject(
  authorized: Authorized,
  { exchange, plan: { condition } }: { exchange: Exchange; plan: WritePlan },
): Promise<FoundObject> {
  const { request } = authorized;
  const head: BackendRequest = {
    ...buildBackendRequest(request),
    method: "HEAD",
    headers: new Map(
      [...request.headers].filter(([name]) =>
        name.startsWith("x-amz-server-side-encryption-customer-")
      ),
    ),
    parameters: new Map(),
  };
  const { status, headers } = await exchange.send(authorized, head);
  switch (status) {
    case 200:
      return { isThere: true, eTag: headers.get("etag")?.replace(/^"(.*)"$/, "$1") };
    case 400: // It is encrypted with another key of a client's, without which nobody may look at it.
      return { isThere: true, eTag: undefined };
    case 404: {
      // Without a bucket no condition is looked at. The write itself would tell, but If-Match ends here.
      const missing = condition?.ifMatch === undefined
        ? undefined
        : await findMissing(authorized, { exchange, asked: head });
      if (missing?.code === "NoSuchBucket") throw missing;
      return { isThere: false };
    }
    case 429:
    case 503:
      throw new S3Error("SlowDown");
    default:
      throw new S3Error("BadGateway", {
        reason: `cannot tell whether the object exists: ${status}`,
      });
  }
}
