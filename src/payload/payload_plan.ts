/**
 * What a body has to prove, decided from the head of its request.
 * See
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { S3Request } from "../s3/request.ts";
import type { PayloadHash, Sha256Hex } from "../sigv4/content_sha256.ts";
import type { ChunkedForm } from "./chunk_parser.ts";
import type { SeedSignature } from "./chunk_signature.ts";
import { type DeclaredChecksum, hasTrailer, parseDeclaredChecksum } from "./declared_checksum.ts";

/** What becomes of a body; `length` is that of the plain bytes. */
export type PayloadPlan =
  /** Nothing to prove: the untouched body goes on, none of it through JavaScript. */
  | { readonly kind: "passthrough"; readonly length: number }
  | ProvablePlan;

/** A plan for {@linkcode decodePayload}. */
export type ProvablePlan =
  | {
    readonly kind: "verify_plain";
    readonly length: number;
    /** Strict mode: what the client signed. */
    readonly sha256Hex: Sha256Hex | undefined;
    readonly checksum: DeclaredChecksum | undefined;
  }
  | {
    readonly kind: "chunked";
    readonly length: number;
    readonly form: ChunkedForm;
    /** `undefined` where chunks are not signed. */
    readonly seed: SeedSignature | undefined;
    readonly checksum: DeclaredChecksum | undefined;
  };

/** What the signature said, and whether a signed hash is to be checked here (strict mode). */
export interface PayloadPromise {
  readonly payloadHash: PayloadHash;
  readonly seed: SeedSignature | undefined;
  /** `security.verify_content_integrity`. */
  readonly verifyContentIntegrity: boolean;
}

/**
 * Plans the body of a PutObject or UploadPart, before the backend hears of it.
 * @throws {S3Error} `MissingContentLength` where the length of the plain bytes is not said,
 *   `InvalidArgument` where it is not a number, `EntityTooLarge` above
 *   {@linkcode LIMITS.putBytesMax}; `MalformedTrailerError` for a trailer that the form does not
 *   have, or has to have; those of {@linkcode parseDeclaredChecksum}.
 */
export function planPayload(
  request: Pick<S3Request, "headers" | "sentHeaders" | "bodyLength">,
  { payloadHash, seed, verifyContentIntegrity }: PayloadPromise,
): PayloadPlan {
  const isEmpty = request.bodyLength.kind === "none";
  const checksum = parseDeclaredChecksum(request.sentHeaders, { isEmpty });
  if (payloadHash.kind === "signed" || payloadHash.kind === "unsigned") {
    const length = verifyLength(plainLength(request.bodyLength));
    if (checksum?.source === "trailer") throw new S3Error("MalformedTrailerError");
    const sha256Hex = verifyContentIntegrity && payloadHash.kind === "signed"
      ? payloadHash.sha256Hex
      : undefined;
    return sha256Hex === undefined && checksum === undefined
      ? { kind: "passthrough", length }
      : { kind: "verify_plain", length, sha256Hex, checksum };
  }
  const length = parseDecodedContentLength(request.headers);
  const form = payloadHash.kind;
  // Otherwise the trailer's signature would cover nothing, or a trailer would have no signature.
  const isMissing = form === "chunked_signed_trailer" && !hasTrailer(checksum);
  if (isMissing || form === "chunked_signed" && checksum?.source === "trailer") {
    throw new S3Error("MalformedTrailerError");
  }
  assert(seed !== undefined || form === "chunked_unsigned_trailer", "Chunks continue a signature");
  const chainSeed = form === "chunked_unsigned_trailer" ? undefined : seed;
  return { kind: "chunked", length, form, seed: chainSeed, checksum };
}

/**
 * Reads `x-amz-decoded-content-length`.
 * @throws {S3Error} `MissingContentLength`, `InvalidArgument` or `EntityTooLarge`.
 */
export function parseDecodedContentLength(headers: ReadonlyMap<string, string>): number {
  const text = headers.get("x-amz-decoded-content-length");
  if (text === undefined) throw new S3Error("MissingContentLength");
  if (!/^[0-9]+$/.test(text)) {
    throw new S3Error("InvalidArgument", {
      message: "x-amz-decoded-content-length must be a number of bytes.",
      detail: { ArgumentName: "x-amz-decoded-content-length" },
    });
  }
  return verifyLength(Number(text));
}

function plainLength(bodyLength: S3Request["bodyLength"]): number {
  if (bodyLength.kind === "unknown") throw new S3Error("MissingContentLength");
  return bodyLength.kind === "known" ? bodyLength.bytes : 0;
}

function verifyLength(bytes: number): number {
  if (bytes <= LIMITS.putBytesMax) return bytes;
  throw new S3Error("EntityTooLarge", {
    detail: { ProposedSize: String(bytes), MaxSizeAllowed: String(LIMITS.putBytesMax) },
  });
}
