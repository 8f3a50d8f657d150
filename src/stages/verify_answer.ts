/**
 * Whether an answer is about what was asked: stores ignore what they do not know.
 * @module
 */

import { S3Error } from "../s3/error.ts";
import { findUntold } from "../s3/lost_headers.ts";
import type { S3Request } from "../s3/request.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import { type BackendResponse, isSuccess } from "../upstream/backend_response.ts";

/**
 * What is wrong with an answer; `undefined` for nothing, which is told without a wait.
 * A read must be of the version and the part that were asked for (`NotImplemented` for another, or the whole), and a success
 * must tell of the encryption that was: an object may be there as plain bytes (`BadGateway`, a loud line of the log).
 */
export function findWrongAnswer(
  request: S3Request,
  { response, capabilities }: { response: BackendResponse; capabilities: Capabilities },
): S3Error | undefined {
  const { operation: { name } } = request;
  return name === "GetObject" || name === "HeadObject"
    ? findOtherRead(request, response)
    : isSuccess(response)
    ? findLost(request, { response, capabilities })
    : undefined;
}

function findOtherRead(request: S3Request, response: BackendResponse): S3Error | undefined {
  const ignored = isOtherVersion(request, response)
    ? "versionId"
    : isWholeForPart(request, response)
    ? "partNumber"
    : undefined;
  if (ignored === undefined) return undefined;
  return new S3Error("NotImplemented", {
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

function findLost(
  { operation, headers }: S3Request,
  { response, capabilities }: { response: BackendResponse; capabilities: Capabilities },
): S3Error | undefined {
  const lost = findUntold(headers, { operation, capabilities, told: response.headers });
  if (lost === undefined) return undefined;
  return new S3Error("BadGateway", {
    message: `The storage backend has not done what ${lost} asks for`,
    reason: "backend_lost_header",
  });
}
