/**
 * Listings: of objects, versions, uploads and parts.
 * @module
 */

import { type Answer, type AnswerContext, respond } from "../respond.ts";
import { asksToEncode, encodeListed, ListingRewriter } from "../s3/listing_rewriter.ts";
import type { S3Request } from "../s3/request.ts";
import type { Owner } from "../s3/response_documents.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { respondStreamed } from "./respond_streamed.ts";

const LISTING_ROOT = /^List\w+Result$/;

/** Answers with the backend's listing. @throws {S3Error} as {@linkcode respondStreamed}. */
export async function respondWithListing(
  response: BackendResponse,
  { request, context, owner }: { request: S3Request; context: AnswerContext; owner: Owner },
): Promise<Answer> {
  if (!isChanged(request)) return await respond(response, { context, extraHeaders: [] });
  const rewriter = new ListingRewriter({ owner, parameters: request.parameters });
  return await respondStreamed(response, { context, rewriter, root: LISTING_ROOT });
}

/**
 * ListObjectsV2 names owners only when it is asked to, and tells by a token what follows a page: of any value, because
 * RGW takes `True` for true.
 */
function isChanged({ operation: { name }, parameters }: S3Request): boolean {
  if (name !== "ListObjectsV2" || parameters.has("fetch-owner")) return true;
  return asksToEncode(parameters) && ["prefix", "delimiter", "start-after"].some((parameter) => {
    const value = parameters.get(parameter) ?? "";
    return encodeListed(value) !== value;
  });
}
