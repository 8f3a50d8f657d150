/**
 * DeleteObjects, decided key by key: what a user may not delete becomes an error in the result, the rest is done.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { encodeUtf8 } from "./lib/bytes.ts";
import { sha256Hex } from "./lib/sha256.ts";
import { LIMITS } from "./limits.ts";
import type { BackendRequest } from "./backend.ts";
import { formatContentMd5 } from "./payload/read_document.ts";
import { defaultMessage } from "./s3/error.ts";
import type { S3Request } from "./s3/request.ts";
import {
  type DeleteRequest,
  formatDeleteRequest,
  type ObjectIdentifier,
} from "./s3/request_documents.ts";
import { buildElement, buildRoot, childrenOf, textOf, type XmlElement } from "./s3/xml.ts";
import { buildUpstreamHeaders } from "./upstream/headers.ts";

/**
 * The requests to the backend for `objects`: one, or as many as keep each document within
 * {@linkcode LIMITS.backendXmlBodyBytesMax}.
 */
export function buildDeleteRequests(
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

/** The answer's root element: the backend's results in their order, then the refused keys. */
export function buildDeleteResult(
  results: readonly XmlElement[],
  refused: readonly ObjectIdentifier[],
): XmlElement {
  return buildRoot("DeleteResult", [
    ...results.flatMap(childrenOf).map(fillInMessage),
    ...refused.map(({ key, versionId }) =>
      buildElement("Error", [
        buildElement("Key", key),
        versionId === undefined ? undefined : buildElement("VersionId", versionId),
        buildElement("Code", "AccessDenied"),
        buildElement("Message", defaultMessage("AccessDenied") ?? ""),
      ])
    ),
  ]);
}

/** RGW leaves `<Message>` of a failed key empty; the backend's own words are not passed on anyway. */
function fillInMessage(element: XmlElement): XmlElement {
  if (element.name !== "Error") return element;
  const kept = childrenOf(element).filter(({ name }) => name !== "Message");
  const code = textOf(kept.find(({ name }) => name === "Code"));
  return { ...element, children: [...kept, buildElement("Message", defaultMessage(code) ?? code)] };
}
