/**
 * Presigned URLs of Signature Version 2, which `security.presigned_v2` takes: SHA-1, over the method, the path, a few
 * parameters and the `x-amz-*` headers, and not over the host.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html} (Query String Request
 * Authentication Alternative).
 * @module
 */

import { LIMITS } from "../limits.ts";
import { redactCanonicalRequest } from "../observability/redact.ts";
import { S3Error } from "../s3/error.ts";
import { type AccessKeyId, parseAccessKeyId } from "../s3/names.ts";
import type { S3Request } from "../s3/request.ts";
import { verifyVersion2 } from "./signing_key.ts";
import { type Authenticated, findSigner, type VerifyOptions } from "./verify.ts";
import { parseContentSha256, type PayloadHash, UNSIGNED_PAYLOAD } from "./content_sha256.ts";

/**
 * Proves who has made such a URL.
 * @throws {S3Error} `SignatureDoesNotMatch`; those of {@linkcode parsePresignedV2}.
 */
export function verifyPresignedV2<Identity>(
  request: S3Request,
  options: VerifyOptions<Identity>,
): Authenticated<Identity> {
  const claim = parsePresignedV2(request, options.now);
  const { accessKeyId, stringToSign, signature, payloadHash } = claim;
  options.claimed?.(accessKeyId);
  const { secretAccessKey, identity } = findSigner(
    { accessKeyId, sessionToken: undefined },
    options.lookup,
  );
  if (verifyVersion2(secretAccessKey, { stringToSign, signature })) {
    return { identity, mechanism: "presigned", payloadHash, seed: undefined };
  }
  throw new S3Error("SignatureDoesNotMatch", {
    detail: {
      AWSAccessKeyId: accessKeyId,
      StringToSign: redactCanonicalRequest(stringToSign),
      SignatureProvided: signature,
    },
    reason: "signature_mismatch",
  });
}

/** What such a URL claims. Nothing of it is proven. */
export interface PresignedV2Claim {
  readonly accessKeyId: AccessKeyId;
  readonly stringToSign: string;
  /** Base64 of 20 bytes. */
  readonly signature: string;
  readonly payloadHash: PayloadHash;
}

/**
 * Reads the three parameters, and refuses a URL that has expired.
 * @throws {S3Error} `InvalidAccessKeyId`; `AccessDenied` for a URL that has expired, or lives longer than
 *   {@linkcode LIMITS.presignedExpiresSecondsMax}; `InvalidToken` with a session; `InvalidArgument` for a body in chunks.
 */
export function parsePresignedV2(request: S3Request, now: Date): PresignedV2Claim {
  const { query, headers } = request;
  const id = query.get("AWSAccessKeyId") ?? "";
  const accessKeyId = parseAccessKeyId(id);
  if (accessKeyId === undefined) {
    throw new S3Error("InvalidAccessKeyId", { reason: "unknown_access_key" });
  }
  if (headers.has("x-amz-security-token")) {
    throw new S3Error("InvalidToken", { reason: "session_token" });
  }
  const expires = query.get("Expires") ?? "";
  verifyLife(expires, now);
  const payloadHash = parseContentSha256(headers.get("x-amz-content-sha256") ?? UNSIGNED_PAYLOAD);
  if (payloadHash.kind !== "signed" && payloadHash.kind !== "unsigned") {
    throw new S3Error("InvalidArgument", {
      message: "Signature Version 2 has no STREAMING-* payloads.",
      detail: { ArgumentName: "x-amz-content-sha256" },
    });
  }
  const stringToSign = [
    request.method,
    headers.get("content-md5") ?? "",
    headers.get("content-type") ?? "",
    expires,
    `${canonicalizeHeaders(headers)}${canonicalizeResource(request)}`,
  ].join("\n");
  return { accessKeyId, stringToSign, signature: query.get("Signature") ?? "", payloadHash };
}

function verifyLife(expires: string, now: Date): void {
  if (!/^[0-9]{1,12}$/.test(expires)) {
    throw new S3Error("AccessDenied", {
      message: `Invalid date (should be seconds since epoch): ${expires}`,
      reason: "malformed",
    });
  }
  const secondsLeft = Number(expires) - now.getTime() / 1000;
  const detail = {
    Expires: new Date(Number(expires) * 1000).toISOString(),
    ServerTime: now.toISOString(),
  };
  if (secondsLeft < 0) {
    throw new S3Error("AccessDenied", {
      message: "Request has expired",
      detail,
      reason: "expired",
    });
  }
  if (secondsLeft > LIMITS.presignedExpiresSecondsMax) {
    throw new S3Error("AccessDenied", {
      message: `Expires must be less than ${LIMITS.presignedExpiresSecondsMax} seconds ahead`,
      detail,
      reason: "malformed",
    });
  }
}

/** CanonicalizedAmzHeaders: those of the query too, where botocore puts what it has signed. */
function canonicalizeHeaders(headers: ReadonlyMap<string, string>): string {
  return [...headers].filter(([name]) => name.startsWith("x-amz-"))
    .sort(([left], [right]) => left < right ? -1 : 1)
    .map(([name, value]) => `${name}:${value}\n`).join("");
}

/** CanonicalizedResource: the path as it was sent, with the bucket of the host, and the parameters that are signed. */
function canonicalizeResource({ resource, path, rawPath, parameters }: S3Request): string {
  const isHosted = resource.level === "object" && path === `/${resource.key}`;
  const signed = [...parameters].sort(([left], [right]) => left < right ? -1 : 1)
    .map(([name, value]) => `${name}=${value}`).join("&");
  return `${isHosted ? `/${resource.bucket}` : ""}${rawPath}${signed === "" ? "" : `?${signed}`}`;
}
