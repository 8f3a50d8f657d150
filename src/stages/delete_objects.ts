/**
 * DeleteObjects, decided key by key: what a user may not delete becomes an error in the result, the rest is done.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { LIMITS } from "../limits.ts";
import { authorize, type Decision } from "../iam/authorize.ts";
import { decodeDocument, formatContentMd5, readDocument } from "../payload/read_document.ts";
import { type Answer, respondWithFailure, respondWithXml } from "../respond.ts";
import { assert } from "../lib/assert.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import { type Authorized, type Exchange } from "./exchange.ts";
import type { Journey } from "./observe.ts";
import { defaultMessage, S3Error } from "../s3/error.ts";
import { listRequiredToDelete } from "../s3/required_access.ts";
import type { KeyRules } from "../s3/names.ts";
import type { S3Request } from "../s3/request.ts";
import {
  type DeleteRequest,
  formatDeleteRequest,
  type ObjectIdentifier,
  parseDeleteRequest,
} from "../s3/request_documents.ts";
import { buildElement, buildRoot, childrenOf, textOf, type XmlElement } from "../s3/xml.ts";
import { buildUpstreamHeaders } from "../upstream/headers.ts";
import { readXml } from "./respond_rewritten.ts";

/** Answers it. @throws {S3Error} for its document; those of the backend. */
export async function answerDeleteObjects(
  authorized: Authorized,
  { exchange, keys }: { exchange: Exchange; keys: KeyRules },
): Promise<Answer> {
  const { request, authenticated: { payloadHash }, raw } = authorized;
  const { context, journey } = exchange;
  const headers = request.sentHeaders;
  const document = await readDocument(raw.body, { headers, payloadHash, hasChecksum: true });
  const asked = parseDeleteRequest(decodeDocument(document), keys);
  const { allowed, refused } = decideKeys(authorized, { objects: asked.objects, journey });
  const results: XmlElement[] = [];
  for (const part of buildDeleteRequests(request, { ...asked, objects: allowed })) {
    const response = await exchange.send(authorized, part);
    if (response.status !== 200) return await respondWithFailure(response, context);
    const result = await readXml(response);
    if (result.name !== "DeleteResult") {
      throw new S3Error("BadGateway", { reason: "response_not_delete_result" });
    }
    results.push(result);
  }
  const errors = [
    ...refused.map((object) => ({ ...object, code: "AccessDenied" })),
    ...asked.invalid,
  ];
  return respondWithXml(buildDeleteResult(results, errors), { context, headers: [] });
}

function decideKeys(
  { request, authenticated: { identity }, requestContext }: Authorized,
  { objects, journey }: { objects: readonly ObjectIdentifier[]; journey: Journey },
): { allowed: ObjectIdentifier[]; refused: ObjectIdentifier[] } {
  const { resource } = request;
  assert(resource.level === "bucket", "DeleteObjects is an operation on a bucket");
  const { bucket } = resource;
  const allowed: ObjectIdentifier[] = [];
  const refused: ObjectIdentifier[] = [];
  let denial: Decision | undefined;
  for (const object of objects) {
    const needs = listRequiredToDelete(request, { bucket, object });
    const context = { ...requestContext, versionId: object.versionId };
    const decision = authorize(identity.policy, { needs, context });
    (decision.allowed ? allowed : refused).push(object);
    if (!decision.allowed) denial ??= decision;
  }
  if (denial !== undefined) journey.keysDenied(refused.length, denial);
  return { allowed, refused };
}

/**
 * The requests to the backend for `objects`: one, or as many as keep each document within
 * {@linkcode LIMITS.backendXmlBodyBytesMax}.
 */
function buildDeleteRequests(
  request: S3Request,
  { objects, quiet }: DeleteRequest,
): BackendRequest[] {
  if (objects.length === 0) return [];
  const bytes = encodeUtf8(formatDeleteRequest({ objects, quiet }));
  if (bytes.length > LIMITS.backendXmlBodyBytesMax && objects.length > 1) {
    const half = Math.ceil(objects.length / 2);
    return [objects.slice(0, half), objects.slice(half)]
      .flatMap((part) => buildDeleteRequests(request, { objects: part, quiet }));
  }
  const headers = buildUpstreamHeaders(request)
    .set("content-md5", formatContentMd5(bytes))
    .set("content-type", "application/xml");
  return [{
    method: "POST",
    resource: request.resource,
    parameters: request.parameters,
    headers,
    payloadHash: sha256Hex(bytes),
    body: { kind: "bytes", bytes },
    bytes: bytes.length,
  }];
}

/** The answer's root element: the backend's results in their order, then the keys it was not asked for. */
function buildDeleteResult(
  results: readonly XmlElement[],
  errors: readonly { key: string; versionId: string | undefined; code: string }[],
): XmlElement {
  return buildRoot("DeleteResult", [
    ...results.flatMap(childrenOf).map(selectResult),
    ...errors.map(({ key, versionId, code }) =>
      buildElement("Error", [
        buildElement("Key", key),
        versionId === undefined ? undefined : buildElement("VersionId", versionId),
        buildElement("Code", code),
        buildMessage(code),
      ])
    ),
  ]);
}

/** What is told of a key: `<Deleted>` and `<Error>` of S3, less the message. */
const RESULT_FIELDS = new Set([
  "Key",
  "VersionId",
  "DeleteMarker",
  "DeleteMarkerVersionId",
  "Code",
]);

/** RGW leaves `<Message>` of a failed key empty; the backend's own words are not passed on anyway. */
function selectResult(element: XmlElement): XmlElement | undefined {
  if (element.name !== "Deleted" && element.name !== "Error") return undefined;
  const kept = childrenOf(element).filter(({ name }) => RESULT_FIELDS.has(name));
  if (element.name === "Deleted") return { ...element, children: kept };
  const code = textOf(kept.find(({ name }) => name === "Code"));
  return { ...element, children: [...kept, buildMessage(code)] };
}

function buildMessage(code: string): XmlElement {
  return buildElement("Message", defaultMessage(code) ?? code);
}
