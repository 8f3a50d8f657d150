/**
 * `<Delete>` as it is written for the backend, without white space.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { Buffer } from "node:buffer";
import { runWhole, type Steps } from "../lib/turns.ts";
import type { DeleteRequest, ObjectIdentifier } from "./request_documents.ts";
import { escapeText, formatDocument } from "./xml.ts";

/** Some of the objects of a request, and the document that names them. */
export interface DeletePart {
  readonly objects: readonly ObjectIdentifier[];
  readonly document: string;
}

/** Objects that are written in one step. */
const WRITTEN_AT_ONCE = 50;

/** The document of all of `request`. */
export function formatDeleteRequest(request: DeleteRequest): string {
  return runWhole(takeDeletePart(request, Infinity)).document;
}

/** The first objects of `request`: as many as a document of `bytesMax` may name, and one at least. */
export function* takeDeletePart(
  { objects, quiet }: DeleteRequest,
  bytesMax: number,
): Steps<DeletePart> {
  const tail = quiet ? "<Quiet>true</Quiet>" : "";
  let bytes = formatDocument("Delete", tail).length;
  const parts: string[] = [];
  for (const object of objects) {
    const part = formatObject(object);
    bytes += Buffer.byteLength(part);
    if (bytes > bytesMax && parts.length > 0) break;
    parts.push(part);
    if (parts.length % WRITTEN_AT_ONCE === 0) yield;
  }
  return {
    objects: objects.slice(0, parts.length),
    document: formatDocument("Delete", parts.join("") + tail),
  };
}

function formatObject({ key, versionId }: ObjectIdentifier): string {
  const version = versionId === undefined ? "" : `<VersionId>${escapeText(versionId)}</VersionId>`;
  return `<Object><Key>${escapeText(key)}</Key>${version}</Object>`;
}
