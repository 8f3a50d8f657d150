/**
 * XML bodies: read whole within a bound, and held to every digest that came with them.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { decodeUtf8 } from "../lib/bytes.ts";
import type { BodySource } from "../lib/byte_source.ts";
import { STRANGERS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { OperationName } from "../s3/operation_table.ts";
import type { PayloadHash } from "../sigv4/content_sha256.ts";
import { createChecksumHasher, verifyChecksum } from "./checksum.ts";
import { parseDeclaredChecksum } from "./declared_checksum.ts";
import type { DocumentPlace } from "./document_memory.ts";
import { TimedReader } from "./timed_reader.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What {@linkcode readDocument} is told. */
export interface ReadDocumentOptions {
  readonly headers: ReadonlyMap<string, string>;
  readonly payloadHash: PayloadHash;
  /** Whether `x-amz-checksum-*` is about the document. */
  readonly hasChecksum: boolean;
  readonly operation: OperationName;
  /** Holds what is read, and is the caller's to release. */
  readonly place: DocumentPlace;
}

/**
 * Reads a document of at most {@linkcode documentBytesMax}, within {@linkcode LIMITS.documentTimeoutMs}.
 * @throws {S3Error} `EntityTooLarge`, `MalformedXML` for a DeleteObjects that is too long; `SlowDown` where documents
 *   hold too much already; `RequestTimeout`, `IncompleteBody`; `XAmzContentSHA256Mismatch`, `InvalidDigest` or
 *   `BadDigest` where a digest is not the document's; `InvalidRequest` for a `STREAMING-*` form.
 */
export async function readDocument(
  body: BodySource | null,
  options: ReadDocumentOptions,
): Promise<Bytes> {
  const { headers, payloadHash, operation } = options;
  if (payloadHash.kind !== "signed" && payloadHash.kind !== "unsigned") throw streamingRefused();
  // Where the declared length is too long, not a byte is read.
  const length = Number(headers.get("content-length") ?? 0);
  if (length > documentBytesMax(operation)) throw tooLong(operation);
  const proofs = listProofs(options);
  const bytes = body === null ? new Uint8Array(0) : await readBounded(body, { options, proofs });
  for (const { verify } of proofs) verify();
  return bytes;
}

/** A digest that came with a document: made piece by piece, because 1 MiB would take some milliseconds at once. */
interface Proof {
  update(piece: Bytes): void;
  /** @throws {S3Error} where the document has another one. */
  verify(): void;
}

function listProofs({ headers, payloadHash, hasChecksum }: ReadDocumentOptions): Proof[] {
  const proofs: Proof[] = [];
  if (payloadHash.kind === "signed") proofs.push(proveSha256(payloadHash.sha256Hex));
  const contentMd5 = headers.get("content-md5");
  if (contentMd5 !== undefined) proofs.push(proveContentMd5(contentMd5));
  const declared = hasChecksum ? parseDeclaredChecksum(headers) : undefined;
  if (declared?.source === "trailer") throw new S3Error("MalformedTrailerError");
  if (declared !== undefined) {
    const { algorithm, expected } = declared;
    const hasher = createChecksumHasher(algorithm);
    const verify = (): void =>
      void verifyChecksum(algorithm, {
        expected,
        actual: hasher.digest(),
      });
    proofs.push({ update: (piece) => hasher.update(piece), verify });
  }
  return proofs;
}

/**
 * Whether a body ends without a byte, within {@linkcode LIMITS.documentTimeoutMs}; what there is of it is thrown away.
 * @throws {S3Error} `RequestTimeout`, `IncompleteBody`.
 */
export async function isEmptyBody(body: BodySource): Promise<boolean> {
  using timed = new TimedReader(body, { timeoutMs: LIMITS.documentTimeoutMs, user: STRANGERS });
  for (;;) {
    const piece = await timed.read();
    if (piece === undefined) return true;
    if (piece.length === 0) continue;
    timed.reader.discard();
    return false;
  }
}

/** The refusal of a `STREAMING-*` form where S3 has none. */
export function streamingRefused(): S3Error {
  return new S3Error("InvalidRequest", {
    message: "STREAMING-* payloads are only for PutObject and UploadPart.",
  });
}

/** The text of a document. @throws {S3Error} `MalformedXML` where it is not UTF-8. */
export function decodeDocument(bytes: Bytes): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new S3Error("MalformedXML");
  return text;
}

/** SHA-256 of a document, in hexadecimal: they are long enough for `node:crypto` to be the faster one. */
export function hashDocument(bytes: Bytes): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Base64 MD5 of `bytes`, as Content-MD5 (RFC 1864) has it. */
export function formatContentMd5(bytes: Bytes): string {
  return createHash("md5").update(bytes).digest("base64");
}

/** How long a document of `operation` can be within S3's own limits on its content. */
export function documentBytesMax(operation: OperationName): number {
  return DOCUMENT_BYTES_MAX.get(operation) ?? LIMITS.shortDocumentBytesMax;
}

const DOCUMENT_BYTES_MAX: ReadonlyMap<OperationName, number> = new Map<OperationName, number>([
  ["CompleteMultipartUpload", LIMITS.xmlBodyBytesMax],
  ["DeleteObjects", LIMITS.deleteObjectsBytesMax],
  // A thousand rules each.
  ["PutBucketLifecycleConfiguration", LIMITS.backendXmlBodyBytesMax],
  ["PutBucketReplication", LIMITS.backendXmlBodyBytesMax],
]);

function tooLong(operation: OperationName): S3Error {
  if (operation === "DeleteObjects") return new S3Error("MalformedXML");
  return new S3Error("EntityTooLarge", {
    detail: { MaxSizeAllowed: String(documentBytesMax(operation)) },
  });
}

/** Memory for a document that goes on: as many times what it has, but no more than it says it needs. */
const GROWTH = 4;

async function readBounded(
  body: BodySource,
  { options: { headers, operation, place }, proofs }: {
    options: ReadDocumentOptions;
    proofs: readonly Proof[];
  },
): Promise<Bytes> {
  const bytesMax = documentBytesMax(operation);
  const declared = Number(headers.get("content-length") ?? bytesMax);
  using timed = new TimedReader(body, { timeoutMs: LIMITS.documentTimeoutMs, user: place.user });
  try {
    // All pieces are copied into one array: of a body that comes byte by byte, each piece would keep the memory of a whole read.
    place.grow(LIMITS.documentPieceBytes);
    let bytes = new Uint8Array(LIMITS.documentPieceBytes);
    let length = 0;
    for (;;) {
      const piece = await timed.read();
      if (piece === undefined) return bytes.subarray(0, length);
      if (length + piece.length > bytesMax) throw tooLong(operation);
      const wanted = length + piece.length;
      if (wanted > bytes.length) {
        const room = Math.max(wanted, Math.min(GROWTH * bytes.length, declared));
        place.grow(room - bytes.length);
        bytes = new Uint8Array(bytes.buffer.transfer(room));
      }
      for (const proof of proofs) proof.update(piece);
      bytes.set(piece, length);
      length += piece.length;
      timed.reader.free(piece);
      // Each read costs as much as to read some ten KiB; what is short is read in one.
      if (length >= LIMITS.documentPieceBytes) timed.expect(LIMITS.longDocumentPieceBytes);
    }
  } catch (error) {
    timed.reader.discard();
    throw error;
  }
}

function proveSha256(expected: string): Proof {
  const hash = createHash("sha256");
  return {
    update: (piece) => void hash.update(piece),
    verify: () => {
      const actual = hash.digest("hex");
      const encoder = new TextEncoder();
      if (timingSafeEqual(encoder.encode(actual), encoder.encode(expected))) return;
      throw new S3Error("XAmzContentSHA256Mismatch", {
        detail: { ClientComputedContentSHA256: expected, S3ComputedContentSHA256: actual },
        reason: "content_sha256_mismatch",
      });
    },
  };
}

/** @throws {S3Error} `InvalidDigest` where `expected` is none. */
function proveContentMd5(expected: string): Proof {
  const digest = Buffer.from(expected, "base64");
  if (digest.length !== 16 || digest.toString("base64") !== expected) {
    throw new S3Error("InvalidDigest", { detail: { "Content-MD5": expected } });
  }
  const hash = createHash("md5");
  return {
    update: (piece) => void hash.update(piece),
    verify: () => {
      const actual = hash.digest();
      if (timingSafeEqual(digest, actual)) return;
      throw new S3Error("BadDigest", {
        detail: { ExpectedDigest: expected, CalculatedDigest: actual.toString("base64") },
        reason: "checksum_mismatch",
      });
    },
  };
}
