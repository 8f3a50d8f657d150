/**
 * PutObjectAcl and PutBucketAcl. Clients are shown themselves as owner, so that is what they send back; the backend
 * knows only the master, whose id its own ACL tells.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html}.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import { type Answer, respond, respondWithFailure } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import { refuseForeignAcl } from "../s3/public_access.ts";
import type { S3Request } from "../s3/request.ts";
import { readOwnerId, replaceIds } from "../s3/response_documents.ts";
import { notImplemented } from "../s3/settings.ts";
import { formatXml, readXml } from "../s3/xml.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildDocumentBody } from "./prepare_document.ts";
import { receiveDocument } from "./receive_document.ts";
import { buildOwner } from "./respond_by_operation.ts";
import { readBackendXml } from "./respond_rewritten.ts";

/**
 * Answers it.
 * @throws {S3Error} `MalformedXML`; `MissingSecurityHeader` where there is no ACL at all; `AccessDenied` for an ACL that names others while `blockPublicAccess`; those of the backend.
 */
export async function answerPutAcl(
  authorized: Authorized,
  { exchange, blockPublicAccess }: { exchange: Exchange; blockPublicAccess: boolean },
): Promise<Answer> {
  const { request, authenticated: { identity } } = authorized;
  const { context } = exchange;
  const document = await receiveDocument(authorized, exchange);
  if (document.length === 0) {
    // A canned ACL, or grants, in headers.
    verifyNamesAcl(request);
    const response = await exchange.send(authorized, buildBackendRequest(request));
    return await respond(response, { context, extraHeaders: [] });
  }
  const acl = await DOCUMENT_QUEUE.run(identity.sharesAs, () => readXml(document));
  if (blockPublicAccess) refuseForeignAcl(acl, buildOwner(identity).id);
  const current = await exchange.send(authorized, {
    ...buildBackendRequest(request),
    method: "GET",
    headers: new Map(),
  });
  if (current.status !== 200) return await respondWithFailure(current, context);
  const masterId = readOwnerId(
    await readBackendXml(current, { bytesMax: LIMITS.aclBytesMax }),
  );
  // Whom this store would give the rights is not told.
  if (masterId === "") throw notImplemented(request.operation);
  const rewritten = replaceIds(acl, { from: buildOwner(identity).id, to: masterId });
  const body = buildDocumentBody(encodeUtf8(formatXml(rewritten)));
  const response = await exchange.send(authorized, buildBackendRequest(request, body));
  return await respond(response, { context, extraHeaders: [] });
}

function verifyNamesAcl({ headers }: S3Request): void {
  for (const name of headers.keys()) {
    if (name === "x-amz-acl" || name.startsWith("x-amz-grant-")) return;
  }
  throw new S3Error("MissingSecurityHeader", { detail: { MissingHeaderName: "x-amz-acl" } });
}
