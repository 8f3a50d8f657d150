/**
 * S3's error document, written in one place.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { S3ErrorDetail } from "./error.ts";
import { escapeXml } from "./xml.ts";

/** What an error document says. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  /** Further elements, in order. */
  readonly detail: S3ErrorDetail;
  /** Path of the request, as it was sent. */
  readonly resource: string;
  readonly requestId: string;
}

/** The document's text. */
export function formatErrorDocument(document: ErrorDocument): string {
  const { code, message, detail, resource, requestId } = document;
  const elements = Object.entries({
    Code: code,
    Message: message,
    ...detail,
    Resource: resource.slice(0, LIMITS.resourceShownCharactersMax),
    RequestId: requestId,
  });
  const body = elements.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body}</Error>`;
}
