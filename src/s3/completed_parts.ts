/**
 * CompleteMultipartUpload's document, read into parts and written again from them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { type CompletedPart, UsualPart } from "./usual_part.ts";
import { formatTextElement } from "./xml.ts";
import { isText, readRecords, type XmlRecord } from "./xml_records.ts";
import { malformed } from "./xml_references.ts";
import { XmlWriter } from "./xml_writer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Beside its number and ETag: checksums, and what clients send that send parts as ListParts has listed them. */
const OTHER_ELEMENTS: ReadonlySet<string> = new Set(
  ["CRC32", "CRC32C", "CRC64NVME", "MD5", "SHA1", "SHA256", "SHA512"]
    .concat(["XXHASH3", "XXHASH64", "XXHASH128"])
    .map((algorithm) => `Checksum${algorithm}`)
    .concat(["LastModified", "Size"]),
);

/**
 * Reads `<CompleteMultipartUpload>`. Each of their checksums was verified when its part came.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @throws {S3Error} `MalformedXML`.
 */
export function parseCompletedParts(document: string | Bytes): readonly CompletedPart[] {
  const parts: CompletedPart[] = [];
  const onPart = (part: CompletedPart): void => void parts.push(part);
  const onUsualPart = (part: UsualPart): void => onPart(part.describe());
  runWhole(readCompletedParts(document, { onPart, onUsualPart }));
  return parts;
}

interface ReadPartsOptions {
  readonly onPart: (part: CompletedPart) => void;
  /** Is given the others, one after the other in the same place. */
  readonly onUsualPart: (part: UsualPart) => void;
}

/** {@linkcode parseCompletedParts} in steps, part by part. @throws {S3Error} as it does. */
function* readCompletedParts(
  document: string | Bytes,
  { onPart, onUsualPart }: ReadPartsOptions,
): Steps<void> {
  let count = 0;
  let odd = 0;
  const countPart = (): void => {
    if (++count > LIMITS.partNumberMax) throw malformed();
  };
  let usual: UsualPart | undefined;
  yield* readRecords(document, {
    root: "CompleteMultipartUpload",
    resolvedBytesMax: LIMITS.partsResolvedBytesMax,
    onRecord: (record) => {
      if (record.name !== "Part" || ++odd > LIMITS.oddPartsMax) throw malformed();
      countPart();
      onPart(readPart(record));
    },
    takeRecord: (bytes, at) => {
      usual ??= new UsualPart(bytes, { isKnown: (name) => OTHER_ELEMENTS.has(name) });
      const end = usual.read(at);
      if (end < 0) return end;
      countPart();
      onUsualPart(usual);
      return end;
    },
  });
  if (count === 0) throw malformed();
}

/** Without a map of its fields, which would take half of all the time. */
function readPart({ text, fields }: XmlRecord): CompletedPart {
  if (isText(text)) throw malformed();
  let partNumber: number | undefined;
  let eTag: string | undefined;
  let checksum: CompletedPart["checksum"];
  let others: string[] | undefined;
  for (const { name, text } of fields) {
    if (name === "PartNumber" && partNumber === undefined) partNumber = parsePartNumber(text);
    else if (name === "ETag" && eTag === undefined && text !== "") eTag = text;
    else if (OTHER_ELEMENTS.has(name) && others?.includes(name) !== true) {
      others ??= [];
      others.push(name);
      if (name.startsWith("Checksum")) checksum ??= { name, value: text };
    } else throw malformed();
  }
  if (partNumber === undefined || eTag === undefined) throw malformed();
  return { partNumber, eTag: isQuoted(eTag) ? eTag.slice(1, -1) : eTag, checksum };
}

function parsePartNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw malformed();
  return Number(text);
}

/**
 * Reads `<CompleteMultipartUpload>`, and writes it anew for the backend, part by part: without white space, so that 10 000 parts
 * stay under 1 MiB, and with the `checksums` that the backend keeps.
 * @throws {S3Error} as {@linkcode parseCompletedParts}.
 */
export function* rewriteCompletedParts(
  document: string | Bytes,
  { checksums }: { checksums: readonly string[] },
): Steps<Bytes> {
  const kept = new Set(checksums.map((algorithm) => `Checksum${algorithm}`));
  const writer = new XmlWriter("CompleteMultipartUpload");
  yield* readCompletedParts(document, {
    onPart: (part) => writePart(part, { writer, kept }),
    onUsualPart: (part) => writeUsualPart(part, { writer, kept }),
  });
  return writer.finish();
}

interface WritePartOptions {
  readonly writer: XmlWriter;
  /** Checksums by the names of their elements. */
  readonly kept: ReadonlySet<string>;
}

function writePart(
  { partNumber, eTag, checksum }: CompletedPart,
  { writer, kept }: WritePartOptions,
): void {
  // Without its quotes, which RGW does not need and which would be escaped into 12 more bytes a part.
  const bare = isQuoted(eTag) ? eTag.slice(1, -1) : eTag;
  writer.append("<Part><PartNumber>");
  writer.append(String(partNumber));
  writer.append("</PartNumber><ETag>");
  writer.appendText(bare);
  writer.append("</ETag>");
  if (checksum !== undefined && kept.has(checksum.name)) {
    writer.append(formatTextElement(checksum.name, checksum.value));
  }
  writer.append("</Part>");
}

/** The same, as bytes. */
function writeUsualPart(part: UsualPart, { writer, kept }: WritePartOptions): void {
  const { bytes } = part;
  writer.append("<Part><PartNumber>");
  writer.appendBytes({ bytes, from: part.numberFrom, end: part.numberEnd });
  writer.append("</PartNumber><ETag>");
  writer.appendBytes({ bytes, from: part.eTagFrom, end: part.eTagEnd });
  writer.append("</ETag>");
  const { checksumFrom: from, checksumEnd: end } = part;
  if (kept.size > 0 && end > from && kept.has(part.checksumName)) {
    writer.appendBytes({ bytes, from, end });
  }
  writer.append("</Part>");
}

function isQuoted(eTag: string): boolean {
  return eTag.length > 1 && eTag.startsWith('"') && eTag.endsWith('"');
}
