/**
 * Whether an answer is about what was asked: stores ignore what they do not know.
 * @module
 */

import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { findUntold } from "../s3/lost_headers.ts";
import type { S3Request } from "../s3/request.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";

/**
 * Compares the answer to a read with the version and the part that were asked for.
 * @throws {S3Error} `NotImplemented` for another, or the whole.
 */
export async function verifyWhatIsRead(
  request: S3Request,
  response: BackendResponse,
): Promise<void> {
  const ignored = isOtherVersion(request, response)
    ? "versionId"
    : isWholeForPart(request, response)
    ? "partNumber"
    : undefined;
  if (ignored === undefined) return;
  await discardBody(response);
  throw new S3Error("NotImplemented", {
    message: ignored === "versionId"
      ? "The storage backend does not read this version of an object"
      : "The storage backend does not read single parts of an object",
    detail: { ArgumentName: ignored },
  });
}

/** Without versions there is only the version `null`; an answer that names no version is about that one. */
function isOtherVersion(
  { parameters }: S3Request,
  { status, headers }: BackendResponse,
): boolean {
  const asked = parameters.get("versionId");
  if (asked === undefined || (status !== 200 && status !== 206)) return false;
  return (headers.get("x-amz-version-id") ?? "null") !== asked;
}

/**
 * RGW 16 ignores `partNumber`. A part is answered with 206, or with the number of parts that there are; with 200 what came is
 * the whole object, which for the first part may be right.
 */
function isWholeForPart(
  { parameters }: S3Request,
  { status, headers }: BackendResponse,
): boolean {
  return status === 200 && Number(parameters.get("partNumber") ?? 1) > 1 &&
    headers.get("x-amz-mp-parts-count") === null;
}

/**
 * Compares a successful answer with the encryption that was asked for: the object may have been stored as plain bytes.
 * @throws {S3Error} `BadGateway`, which the log makes a loud line of.
 */
export async function verifyKept(
  { operation, headers }: S3Request,
  { response, capabilities }: { response: BackendResponse; capabilities: Capabilities },
): Promise<void> {
  const lost = findUntold(headers, { operation, capabilities, told: response.headers });
  if (lost === undefined) return;
  await discardBody(response);
  throw new S3Error("BadGateway", {
    message: `The storage backend has not done what ${lost} asks for`,
    reason: "backend_lost_header",
  });
}
