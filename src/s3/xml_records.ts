/**
 * Documents that are long and flat: a root, records in it, and fields of text in those. There may be ten thousand records, so
 * there is no tree: it would cost more than all the rest.
 * @module
 */

import type { Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { XmlNamespaces } from "./xml_namespaces.ts";
import { XmlReader } from "./xml_reader.ts";
import { malformed } from "./xml_references.ts";
import type { XmlReaderOptions } from "./xml_text.ts";

/** An element that holds text alone. */
export interface XmlField {
  readonly name: string;
  readonly text: string;
}

/** A child of the root, whose children are fields. */
export interface XmlRecord extends XmlField {
  readonly fields: readonly XmlField[];
}

/** How {@linkcode readRecords} reads. */
export interface ReadRecordsOptions {
  /** The root's name. */
  readonly root: string;
  readonly resolvedBytesMax?: XmlReaderOptions["resolvedBytesMax"];
  /** Is given each record once it is complete. */
  readonly onRecord: (record: XmlRecord) => void;
  /** Is asked first, where a record may begin, and reads one by itself: returns where that ends, or -1. Its elements are not counted. */
  readonly takeRecord?: ((bytes: Uint8Array<ArrayBuffer>, at: number) => number) | undefined;
}

/** What is read, level by level. */
interface Growing extends XmlRecord {
  readonly fields: Growing[];
  text: string;
}

const NO_FIELDS: Growing[] = [];

/**
 * Reads it in steps of {@linkcode LIMITS.documentPieceBytes}.
 * @throws {S3Error} `MalformedXML` as `parseXml`, and for a document of another form, more than {@linkcode LIMITS.xmlElementsMax}
 *   elements, or {@linkcode LIMITS.xmlChildElementsMax} in one record.
 */
export function* readRecords(
  document: string | Uint8Array<ArrayBuffer>,
  { root, resolvedBytesMax, onRecord, takeRecord }: ReadRecordsOptions,
): Steps<void> {
  const reader = new XmlReader(document, { isBackends: false, resolvedBytesMax });
  const namespaces = new XmlNamespaces();
  let record: Growing | undefined;
  let depth = 0;
  let elementCount = 0;
  let asideCount = 0;
  let from = 0;
  // Names without a prefix mean the same in the root as its own.
  let mayTake = false;
  for (;;) {
    const taken = mayTake && depth === 1 ? takeRecord?.(reader.bytes, reader.at) ?? -1 : -1;
    const token = taken < 0 ? reader.next() : undefined;
    if (taken > 0) reader.at = taken;
    else if (token === undefined) break;
    else if (token === "open") {
      const { name: { local }, isClosed } = reader;
      namespaces.enter(reader.name, reader.attributes);
      if (isClosed) namespaces.leave();
      if (++elementCount > LIMITS.xmlElementsMax || depth === 3) throw malformed();
      if (depth === 0 && (local !== root || isClosed && isText(reader.text))) throw malformed();
      if (depth === 0) mayTake = reader.name.whole === local;
      if (depth > 0) {
        const fields = depth === 1 ? [] : NO_FIELDS;
        const element = { name: local, text: isClosed ? reader.text : "", fields };
        if (depth === 1) record = element;
        else if (record?.fields.push(element) === LIMITS.xmlChildElementsMax) throw malformed();
        if (isClosed && depth === 1) onRecord(element);
      }
      if (!isClosed) depth++;
    } else if (token === "close") {
      namespaces.leave();
      if (depth === 2 && record !== undefined) onRecord(record);
      depth--;
    } else if (token === "text") {
      const element = depth === 3 ? record?.fields.at(-1) : record;
      if (depth > 1 && element !== undefined) element.text += reader.text;
      else if (isText(reader.text)) throw malformed();
    } else if (++asideCount > LIMITS.xmlAsidesMax) throw malformed();
    if (reader.at - from < LIMITS.documentPieceBytes) continue;
    from = reader.at;
    yield;
  }
}

/** Whether there is more than blanks. */
export function isText(text: string): boolean {
  return text !== "" && text.trim() !== "";
}
