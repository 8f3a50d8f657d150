/**
 * Which signature a request has: Version 4, or a presigned URL's of Version 2, where such are taken.
 * @module
 */

import type { S3Request } from "../s3/request.ts";
import { isPresignedV2 } from "../s3/signature_version_2.ts";
import { verifyPresignedV2 } from "./presigned_v2.ts";
import { type Authenticated, type VerifyOptions, verifySignature } from "./verify.ts";

/** Proves who sent `request`. @throws {S3Error} as {@linkcode verifySignature} and {@linkcode verifyPresignedV2}. */
export function verifyRequest<Identity>(
  request: S3Request,
  options: VerifyOptions<Identity>,
): Authenticated<Identity> {
  // INVARIANT: where such URLs are not taken, parsing has refused them.
  return isPresignedV2(request.query)
    ? verifyPresignedV2(request, options)
    : verifySignature(request, options);
}
