/**
 * CompleteMultipartUpload's document, read into parts and written again from them.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html}.
 * @module
 */

import { runWhole, type Steps } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import { parseFields, readChildren } from "./document_fields.ts";
import { S3Error } from "./error.ts";
import { escapeText, formatDocument } from "./xml.ts";

/** One part of CompleteMultipartUpload. */
export interface CompletedPart {
  readonly partNumber: number;
  readonly eTag: string;
  /** Its checksum's element, for a store that keeps those of parts. */
  readonly checksum: { readonly name: string; readonly value: string } | undefined;
}

/** Some clients send parts as ListParts has listed them. */
const PART_ELEMENTS: ReadonlySet<string> = new Set(["ETag", "LastModified", "PartNumber", "Size"]);
const CHECKSUM_ELEMENTS: ReadonlySet<string> = new Set(
  ["CRC32", "CRC32C", "CRC64NVME", "MD5", "SHA1", "SHA256", "SHA512"]
    .concat(["XXHASH3", "XXHASH64", "XXHASH128"])
    .map((algorithm) => `Checksum${algorithm}`),
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
      const fields = parseFields(child);
      const partNumber = fields.get("PartNumber") ?? "";
      const eTag = fields.get("ETag") ?? "";
      if (!/^[1-9]\d{0,4}$/.test(partNumber) || eTag === "") throw new S3Error("MalformedXML");
      parts.push({ partNumber: Number(partNumber), eTag, checksum: findChecksum(fields) });
    },
  });
  if (parts.length === 0) throw new S3Error("MalformedXML");
  return parts;
}

/** The first of a part's checksums. @throws {S3Error} `MalformedXML` for an element that a part does not have. */
function findChecksum(fields: ReadonlyMap<string, string>): CompletedPart["checksum"] {
  let checksum: CompletedPart["checksum"];
  for (const [name, value] of fields) {
    if (PART_ELEMENTS.has(name)) continue;
    if (!CHECKSUM_ELEMENTS.has(name)) throw new S3Error("MalformedXML");
    checksum ??= { name, value };
  }
  return checksum;
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
