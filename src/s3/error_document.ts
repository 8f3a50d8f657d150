/**
 * S3's error document, written in one place.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses}.
 * @module
 */

import { countUtf8, cutUtf8 } from "../lib/bytes.ts";
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
  const texts = new BoundedTexts();
  // The elements that tell one error from another come first, so they are never the ones left out.
  const start = texts.format("Code", code) + texts.format("Message", message);
  const end = texts.format("RequestId", requestId);
  let middle = "";
  for (const name in detail) middle += texts.format(name, detail[name] ?? "");
  middle += texts.format("Resource", resource);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${start}${middle}${end}</Error>`;
}

/** Elements of one document: the later ones have what the earlier ones leave. */
class BoundedTexts {
  #bytesLeft: number = LIMITS.errorDocumentBytesMax;

  format(name: string, text: string): string {
    const shown = cutUtf8(text, Math.min(LIMITS.errorTextBytesMax, this.#bytesLeft));
    this.#bytesLeft -= countUtf8(shown);
    return `<${name}>${escapeXml(shown)}</${name}>`;
  }
}
