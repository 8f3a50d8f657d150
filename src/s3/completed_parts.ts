/**
 * CompleteMultipartUpload's document, read into parts and written again from them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { readChildren, readFieldText } from "./document_fields.ts";
import { S3Error } from "./error.ts";
import { escapeText, formatDocument, type XmlElement } from "./xml.ts";

/** One part of CompleteMultipartUpload. */
export interface CompletedPart {
  readonly partNumber: number;
  readonly eTag: string;
  /** Its checksum's element, for a store that keeps those of parts. */
  readonly checksum: { readonly name: string; readonly value: string } | undefined;
}

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
export function parseCompletedParts(text: string): readonly CompletedPart[] {
  return runWhole(readCompletedParts(text));
}

/** {@linkcode parseCompletedParts} in steps. @throws {S3Error} as it does. */
export function* readCompletedParts(text: string): Steps<readonly CompletedPart[]> {
  const parts: CompletedPart[] = [];
  yield* readChildren(text, {
    root: "CompleteMultipartUpload",
    onChild: (child) => {
      if (child.name !== "Part" || parts.length === LIMITS.partNumberMax) {
        throw new S3Error("MalformedXML");
      }
      parts.push(readPart(child));
    },
  });
  if (parts.length === 0) throw new S3Error("MalformedXML");
  return parts;
}

/** Without a map of its fields, which would take half of all the time. */
function readPart(part: XmlElement): CompletedPart {
  let partNumber: number | undefined;
  let eTag: string | undefined;
  let checksum: CompletedPart["checksum"];
  const others: string[] = [];
  for (const field of part.children) {
    if (typeof field === "string") {
      if (field.trim() !== "") throw new S3Error("MalformedXML");
      continue;
    }
    const { name } = field;
    const value = readFieldText(field);
    if (name === "PartNumber" && partNumber === undefined) partNumber = parsePartNumber(value);
    else if (name === "ETag" && eTag === undefined && value !== "") eTag = value;
    else if (OTHER_ELEMENTS.has(name) && !others.includes(name)) {
      others.push(name);
      if (name.startsWith("Checksum")) checksum ??= { name, value };
    } else throw new S3Error("MalformedXML");
  }
  if (partNumber === undefined || eTag === undefined) throw new S3Error("MalformedXML");
  return { partNumber, eTag, checksum };
}

function parsePartNumber(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new S3Error("MalformedXML");
  return Number(text);
}

/** Writes `<CompleteMultipartUpload>` for the backend, without white space: 10 000 parts stay under 1 MiB. */
export function formatCompletedParts(
  parts: readonly CompletedPart[],
  { checksums }: { checksums: readonly string[] } = { checksums: [] },
): string {
  return formatDocument(
    "CompleteMultipartUpload",
    parts.map(({ partNumber, eTag, checksum }) =>
      // Without its quotes, which RGW does not need and which would be escaped into 12 more bytes a part.
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>${
        escapeText(isQuoted(eTag) ? eTag.slice(1, -1) : eTag)
      }</ETag>${formatPartChecksum(checksum, checksums)}</Part>`
    ).join(""),
  );
}

function isQuoted(eTag: string): boolean {
  return eTag.length > 1 && eTag.startsWith('"') && eTag.endsWith('"');
}

function formatPartChecksum(
  checksum: CompletedPart["checksum"],
  kept: readonly string[],
): string {
  if (checksum === undefined) return "";
  const { name, value } = checksum;
  return kept.some((algorithm) => name === `Checksum${algorithm}`)
    ? `<${name}>${escapeText(value)}</${name}>`
    : "";
}
