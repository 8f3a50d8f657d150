/**
 * The XML body of an authorized request, for the stages that decide on it.
 * @module
 */

import { DOCUMENT_MEMORY } from "../payload/document_memory.ts";
import { readDocument } from "../payload/read_document.ts";
import type { Authorized, Exchange } from "./exchange.ts";

/**
 * Reads the document; what it holds is given back when the request has ended.
 * @throws {S3Error} as {@linkcode readDocument}.
 */
export async function receiveDocument(
  { request, authenticated: { identity, payloadHash }, raw }: Authorized,
  exchange: Exchange,
): Promise<Uint8Array<ArrayBuffer>> {
  const place = DOCUMENT_MEMORY.open(identity.sharesAs);
  exchange.onRelease(() => place.release());
  return await readDocument(raw.body, {
    headers: request.sentHeaders,
    payloadHash,
    hasChecksum: true,
    operation: request.operation.name,
    place,
  });
}
