/**
 * S3's error document, written in one place.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses}.
 * @module
 */

import { cutUtf8, encodeUtf8 } from "../lib/bytes.ts";
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

/**
 * The document's text. Each text is cut at {@linkcode LIMITS.errorTextBytesMax}, all together at
 * {@linkcode LIMITS.errorDocumentBytesMax}: a refusal, which anybody can have, is not longer than what was sent.
 */
export function formatErrorDocument(document: ErrorDocument): string {
  const { code, message, detail, resource, requestId } = document;
  let bytesLeft: number = LIMITS.errorDocumentBytesMax;
  const shorten = (text: string): string => {
    const shown = cutUtf8(text, Math.min(LIMITS.errorTextBytesMax, bytesLeft));
    bytesLeft -= encodeUtf8(shown).length;
    return shown;
  };
  // What tells one error from another is not what is left out.
  const [codeShown, messageShown, requestIdShown] = [code, message, requestId].map(shorten);
  const elements = Object.entries({
    Code: codeShown ?? "",
    Message: messageShown ?? "",
    ...Object.fromEntries(Object.entries(detail).map(([name, text]) => [name, shorten(text)])),
    Resource: shorten(resource),
    RequestId: requestIdShown ?? "",
  });
  const body = elements.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body}</Error>`;
}
