/**
 * `<Delete>` as it is written for the backend, without white space.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html}.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import type { DeleteRequest, ObjectIdentifier } from "./request_documents.ts";
import { formatTextElement } from "./xml.ts";
import { XmlWriter } from "./xml_writer.ts";

/** Some of the objects of a request, and the document that names them. */
export interface DeletePart {
  readonly objects: readonly ObjectIdentifier[];
  readonly document: Uint8Array<ArrayBuffer>;
}

/** Objects that are written in one step. */
const WRITTEN_AT_ONCE = 50;

/** The document of all of `request`. */
export function formatDeleteRequest(request: DeleteRequest): Uint8Array<ArrayBuffer> {
  return runWhole(takeDeletePart(request, Infinity)).document;
}

/** The first objects of `request`: as many as a document of `bytesMax` may name, and one at least. */
export function* takeDeletePart(
  { objects, quiet }: DeleteRequest,
  bytesMax: number,
): Steps<DeletePart> {
  const writer = new XmlWriter("Delete", { last: quiet ? "<Quiet>true</Quiet>" : "" });
  let count = 0;
  for (const { key, versionId } of objects) {
    const before = writer.length;
    writer.append("<Object><Key>");
    writer.appendText(key);
    writer.append("</Key>");
    if (versionId !== undefined) writer.append(formatTextElement("VersionId", versionId));
    writer.append("</Object>");
    if (writer.length > bytesMax && count > 0) {
      writer.cut(before);
      break;
    }
    count++;
    if (count % WRITTEN_AT_ONCE === 0) yield;
  }
  return { objects: objects.slice(0, count), document: writer.finish() };
}
