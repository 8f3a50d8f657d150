/**
 * GetObjectAttributes, which RGW 16 takes for GetObject: a HEAD tells what is asked for.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html}.
 * @module
 */

import { type Answer, discardBody, respondWithFailure, respondWithXml } from "../respond.ts";
import { buildObjectAttributes, parseObjectAttributes } from "../s3/object_attributes.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import { selectResponseHeaders } from "../upstream/headers.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { findMissing } from "./missing_object.ts";

const KEPT: ReadonlySet<string> = new Set([
  "last-modified",
  "x-amz-delete-marker",
  "x-amz-version-id",
]);

/**
 * Answers it.
 * @throws {S3Error} `InvalidRequest`, `InvalidArgument`; `NoSuchKey`, `NoSuchVersion`, `NoSuchBucket`; those of the backend.
 */
export async function answerObjectAttributes(
  authorized: Authorized,
  exchange: Exchange,
): Promise<Answer> {
  const { request } = authorized;
  const { context } = exchange;
  const asked = parseObjectAttributes(request.headers);
  const versionId = request.parameters.get("versionId");
  const toBackend = buildBackendRequest(request);
  const head: BackendRequest = {
    ...toBackend,
    method: "HEAD",
    parameters: new Map(versionId === undefined ? [] : [["versionId", versionId]]),
    headers: new Map(toBackend.headers).set("x-amz-checksum-mode", "ENABLED"),
  };
  const response = await exchange.send(authorized, head);
  if (response.status === 404) {
    await discardBody(response);
    throw await findMissing(authorized, { exchange, asked: head });
  }
  if (response.status !== 200) return await respondWithFailure(response, context);
  await discardBody(response);
  return respondWithXml(buildObjectAttributes(response.headers, asked), {
    context,
    headers: selectResponseHeaders(response.headers).filter(([name]) => KEPT.has(name)),
  });
}
