/**
 * Which checksum a request promises, and where.
 * See
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html}.
 * @module
 */

import { S3Error } from "../s3/error.ts";
import { parseChecksumValue } from "./checksum.ts";
import {
  type ChecksumAlgorithm,
  checksumHeader,
  findChecksumAlgorithm,
} from "../s3/checksum_algorithm.ts";

/** The one checksum of a request. */
export type DeclaredChecksum =
  | {
    readonly source: "header";
    readonly algorithm: ChecksumAlgorithm;
    /** The digest itself. */
    readonly expected: Uint8Array;
    /** Whether `x-amz-trailer` names it, too, as the SDK for Java does: a trailer may come, and say the same. */
    readonly isAnnounced?: true;
  }
  | { readonly source: "trailer"; readonly algorithm: ChecksumAlgorithm };

/**
 * Reads `x-amz-checksum-*`, `x-amz-trailer` and `x-amz-sdk-checksum-algorithm`; names in lower
 * case.
 *
 * Give it the headers *as sent*, without those that a presigner put into the query: S3 ignores
 * checksums there, and must, because the JavaScript SDK presigns every PUT with the CRC32 of an
 * empty body. Not for CompleteMultipartUpload, whose checksum is that of the object, not of the
 * body.
 * @throws {S3Error} `InvalidRequest` for several checksums, a value that cannot be one, a trailer
 *   that is no checksum, and for an `x-amz-sdk-checksum-algorithm` that names another or stands
 *   alone, unless `isEmpty`: the JavaScript SDK names one and sends none for an empty body.
 */
export function parseDeclaredChecksum(
  headers: ReadonlyMap<string, string>,
  { isEmpty = false }: { isEmpty?: boolean } = {},
): DeclaredChecksum | undefined {
  const inHeader = parseHeader(headers);
  const inTrailer = parseTrailer(headers.get("x-amz-trailer"));
  const declared = joinDeclared(inHeader, inTrailer);
  const sdkAlgorithm = headers.get("x-amz-sdk-checksum-algorithm");
  if (sdkAlgorithm === undefined) return declared;
  if (declared === undefined) {
    if (isEmpty) return undefined;
    throw invalid(
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or " +
        "x-amz-trailer headers were found.",
    );
  }
  if (declared.algorithm !== sdkAlgorithm.toUpperCase()) {
    throw invalid("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  return declared;
}

/** Where both name one checksum, the header's value counts. */
function joinDeclared(
  inHeader: DeclaredChecksum & { source: "header" } | undefined,
  inTrailer: DeclaredChecksum | undefined,
): DeclaredChecksum | undefined {
  if (inHeader === undefined || inTrailer === undefined) return inHeader ?? inTrailer;
  if (inHeader.algorithm !== inTrailer.algorithm) {
    throw invalid("Expecting a single x-amz-checksum- header");
  }
  return { ...inHeader, isAnnounced: true };
}

function parseHeader(
  headers: ReadonlyMap<string, string>,
): DeclaredChecksum & { source: "header" } | undefined {
  let declared: DeclaredChecksum & { source: "header" } | undefined;
  for (const [name, value] of headers) {
    const algorithm = findChecksumAlgorithm(name);
    if (algorithm === undefined) continue;
    if (declared !== undefined) throw severalChecksums();
    const expected = parseChecksumValue(algorithm, value);
    if (expected === undefined) throw invalid(`Value for ${name} header is invalid.`);
    declared = { source: "header", algorithm, expected };
  }
  return declared;
}

function parseTrailer(names: string | undefined): DeclaredChecksum | undefined {
  if (names === undefined) return undefined;
  const [first = "", ...others] = names.split(",").map((name) => name.trim().toLowerCase());
  const algorithm = findChecksumAlgorithm(first);
  if (algorithm === undefined || others.some((name) => findChecksumAlgorithm(name) === undefined)) {
    throw invalid("The value specified in the x-amz-trailer header is not supported");
  }
  if (others.length > 0) throw severalChecksums();
  return { source: "trailer", algorithm };
}

/**
 * Reads the trailer that was declared.
 * @throws {S3Error} `MalformedTrailerError` for any other, and for one that says another value than the header did;
 *   `InvalidRequest` for a value that cannot
 *   be one.
 */
export function parseChecksumTrailer(
  { name, value }: { readonly name: string; readonly value: string },
  declared: DeclaredChecksum | undefined,
): Uint8Array {
  if (!hasTrailer(declared) || name !== checksumHeader(declared.algorithm)) {
    throw new S3Error("MalformedTrailerError");
  }
  const expected = parseChecksumValue(declared.algorithm, value);
  if (expected === undefined) throw invalid(`Value for ${name} trailing header is invalid.`);
  if (declared.source === "header" && !isEqual(declared.expected, expected)) {
    throw new S3Error("MalformedTrailerError");
  }
  return expected;
}

/** Whether `x-amz-trailer` names the checksum. */
export function hasTrailer(declared: DeclaredChecksum | undefined): declared is DeclaredChecksum {
  return declared !== undefined && (declared.source === "trailer" || declared.isAnnounced === true);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, at) => byte === other[at]); // of one algorithm, so of one length
}

function severalChecksums(): S3Error {
  return invalid(
    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
  );
}

function invalid(message: string): S3Error {
  return new S3Error("InvalidRequest", { message });
}
