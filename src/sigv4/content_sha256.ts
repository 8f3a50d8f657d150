/**
 * `x-amz-content-sha256`: what the signature promises about the body.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html}.
 * @module
 */

import type { Brand } from "../lib/brand.ts";
import { S3Error } from "../s3/error.ts";

/** 64 lower-case hexadecimal digits. */
export type Sha256Hex = Brand<string, "Sha256Hex">;

/** The five forms that S3 knows. */
export type PayloadHash =
  | { readonly kind: "signed"; readonly sha256Hex: Sha256Hex }
  | { readonly kind: "unsigned" }
  | { readonly kind: "chunked_signed" }
  | { readonly kind: "chunked_signed_trailer" }
  | { readonly kind: "chunked_unsigned_trailer" };

/** The header's value for a body that the signature says nothing about. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

const STREAMING: ReadonlyMap<string, PayloadHash> = new Map<string, PayloadHash>([
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", { kind: "chunked_signed" }],
  ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", { kind: "chunked_signed_trailer" }],
  ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", { kind: "chunked_unsigned_trailer" }],
]);

/**
 * Reads the header.
 * @throws {S3Error} `InvalidArgument` for anything but the five forms, SigV4A's `STREAMING-AWS4-ECDSA-…` included.
 */
export function parseContentSha256(text: string): PayloadHash {
  // `as` is true: the pattern is the brand's definition.
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: "signed", sha256Hex: text as Sha256Hex };
  if (text === UNSIGNED_PAYLOAD) return { kind: "unsigned" };
  const streaming = STREAMING.get(text);
  if (streaming !== undefined) return streaming;
  throw new S3Error("InvalidArgument", {
    message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
    detail: { ArgumentName: "x-amz-content-sha256", ArgumentValue: text },
  });
}
