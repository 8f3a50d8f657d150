/**
 * Proves who sent a request.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html}.
 * @module
 */

import { encodeUtf8, formatSpacedHex } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { redactCanonicalRequest } from "../observability/redact.ts";
import { S3Error } from "../s3/error.ts";
import type { AccessKeyId } from "../s3/names.ts";
import type { AmzDate } from "./amz_date.ts";
import { buildCanonicalRequest } from "./canonical_request.ts";
import { parseContentSha256, type PayloadHash } from "./content_sha256.ts";
import type { Service } from "./credential_scope.ts";
import { parseSignatureClaim } from "./parse_claim.ts";
import type { SecretAccessKey } from "./secret_access_key.ts";
import type { SignatureClaim, SignedMessage } from "./signature_claim.ts";
import { verifySignedHeaders } from "./signed_headers.ts";
import { listHeaderVariants } from "./header_variants.ts";
import { deriveSigningKey, type SigningKey } from "./signing_key.ts";
import { buildStringToSign } from "./string_to_sign.ts";

/**
 * Finds a secret: a user's, or that of a session's token. `undefined` for what is unknown, `inactive` for a user's key
 * expired or disabled, `expired` for a session that is over.
 */
export type CredentialLookup<Identity> = (
  key: { readonly accessKeyId: AccessKeyId; readonly sessionToken: string | undefined },
) =>
  | { readonly secretAccessKey: SecretAccessKey; readonly identity: Identity }
  | "inactive"
  | "expired"
  | undefined;

/** Who sent a request, and what its body still has to prove. */
export interface Authenticated<Identity> {
  readonly identity: Identity;
  readonly mechanism: SignatureClaim["type"] | "form";
  readonly payloadHash: PayloadHash;
  /** What the signatures of chunks continue from; none behind Signature Version 2, which has no chunks. */
  readonly seed: {
    readonly signingKey: SigningKey;
    readonly amzDate: AmzDate;
    readonly credentialScope: string;
    readonly signature: string;
  } | undefined;
}

/** What the debug log tells of a signature that does not match: never the whole expected one. */
export interface SignatureTrace {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly providedSignature: string;
  /** The first 8 of its 64 digits. */
  readonly expectedSignatureStart: string;
}

/** What {@linkcode verifySignature} is told. */
export interface VerifyOptions<Identity> {
  readonly lookup: CredentialLookup<Identity>;
  /** Default: `s3`. */
  readonly service?: Service;
  /** Of a body that has been read; else what `x-amz-content-sha256` says. */
  readonly payloadHash?: string;
  readonly now: Date;
  /** Greatest distance between a request's date and `now`. */
  readonly clockSkewSecondsMax: number;
  /** The one region a signature may be for; any, where it is `undefined`. */
  readonly region: string | undefined;
  /** Told of the access key that the request claims to be signed with, before anything is proven. */
  readonly claimed?: (accessKeyId: AccessKeyId) => void;
  /** Told of every signature that does not match. */
  readonly trace?: (trace: SignatureTrace) => void;
}

/**
 * Proves who sent `request`.
 * @throws {S3Error} `InvalidAccessKeyId`; `RequestTimeTooSkewed`; `AccessDenied` for a presigned URL outside its life,
 *   for unsigned `x-amz-*` headers and for none signed at all; `SignatureDoesNotMatch`; those of the parsers.
 */
export function verifySignature<Identity>(
  request: SignedMessage,
  options: VerifyOptions<Identity>,
): Authenticated<Identity> {
  const claim = parseSignatureClaim(request, options);
  options.claimed?.(claim.credential.accessKeyId);
  verifyRegion(claim, options.region);
  verifyTime(claim, options);
  const payloadHash = parseContentSha256(claim.payloadHash);
  const headers = verifySignedHeaders(claim.signedHeaders, request.sentHeaders);
  const known = findSigner({
    accessKeyId: claim.credential.accessKeyId,
    sessionToken: claim.sessionToken,
  }, options.lookup);
  const signingKey = deriveSigningKey(known.secretAccessKey, claim.credential.scope);
  verifyHmac(request, { claim, headers, signingKey, trace: options.trace });
  return {
    identity: known.identity,
    mechanism: claim.type,
    payloadHash,
    seed: {
      signingKey,
      amzDate: claim.amzDate,
      credentialScope: claim.credential.scope.text,
      signature: claim.signature,
    },
  };
}

/** Looks up whose key it is. @throws {S3Error} `InvalidAccessKeyId`; of a session `InvalidToken`, `ExpiredToken`. */
export function findSigner<Identity>(
  key: Parameters<CredentialLookup<Identity>>[0],
  lookup: CredentialLookup<Identity>,
): Exclude<ReturnType<CredentialLookup<Identity>>, string | undefined> {
  const { accessKeyId, sessionToken } = key;
  const known = lookup(key);
  if (known === "expired") throw new S3Error("ExpiredToken", { reason: "session_over" });
  if (known !== undefined && known !== "inactive") return known;
  if (sessionToken !== undefined) throw new S3Error("InvalidToken", { reason: "session_token" });
  throw new S3Error("InvalidAccessKeyId", {
    detail: { AWSAccessKeyId: accessKeyId },
    // The client is told no difference.
    reason: known === undefined ? "unknown_access_key" : "inactive_access_key",
  });
}

function verifyRegion(claim: SignatureClaim, region: string | undefined): void {
  const claimed = claim.credential.scope.region;
  if (region === undefined || claimed === region) return;
  const isHeader = claim.type === "header";
  throw new S3Error(
    isHeader ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError",
    {
      message: `${
        isHeader
          ? "The authorization header is malformed"
          : "Error parsing the X-Amz-Credential parameter"
      }; the region '${claimed}' is wrong; expecting '${region}'`,
      detail: { Region: region },
      reason: "wrong_scope",
    },
  );
}

function verifyTime(
  claim: SignatureClaim,
  { now, clockSkewSecondsMax }: { now: Date; clockSkewSecondsMax: number },
): void {
  const ageSeconds = (now.getTime() - claim.signedAt.getTime()) / 1000;
  if (claim.expiresSeconds === undefined) {
    if (Math.abs(ageSeconds) <= clockSkewSecondsMax) return;
    throw new S3Error("RequestTimeTooSkewed", {
      detail: {
        RequestTime: claim.amzDate,
        ServerTime: now.toISOString(),
        MaxAllowedSkewMilliseconds: String(clockSkewSecondsMax * 1000),
      },
      reason: "clock_skew",
    });
  }
  if (ageSeconds < -clockSkewSecondsMax) {
    throw new S3Error("AccessDenied", {
      message: "Request is not valid yet",
      detail: { "X-Amz-Date": claim.amzDate, ServerTime: now.toISOString() },
      reason: "clock_skew",
    });
  }
  if (ageSeconds > claim.expiresSeconds) {
    throw new S3Error("AccessDenied", {
      message: "Request has expired",
      detail: {
        "X-Amz-Expires": String(claim.expiresSeconds),
        Expires: new Date(claim.signedAt.getTime() + claim.expiresSeconds * 1000).toISOString(),
        ServerTime: now.toISOString(),
      },
      reason: "expired",
    });
  }
}

function verifyHmac(
  request: SignedMessage,
  { claim, headers: asSigned, signingKey, trace }: {
    claim: SignatureClaim;
    /** As they were signed. */
    headers: ReadonlyMap<string, string>;
    signingKey: SigningKey;
    trace: ((trace: SignatureTrace) => void) | undefined;
  },
): void {
  const { signature, credential } = claim;
  const asSent = buildSigned(request, { claim, headers: asSigned });
  if (signingKey.verify(asSent.stringToSign, signature)) return;
  for (const headers of listHeaderVariants(asSigned, request.scheme)) {
    const { stringToSign } = buildSigned(request, { claim, headers });
    if (signingKey.verify(stringToSign, signature)) return;
  }
  const shown = redactCanonicalRequest(asSent.canonicalRequest);
  if (trace !== undefined) {
    const expected = signingKey.sign(asSent.stringToSign);
    trace({
      canonicalRequest: shown,
      stringToSign: asSent.stringToSign,
      providedSignature: signature,
      expectedSignatureStart: expected.slice(0, 8),
    });
  }
  throw new S3Error("SignatureDoesNotMatch", {
    detail: {
      AWSAccessKeyId: credential.accessKeyId,
      StringToSign: asSent.stringToSign,
      SignatureProvided: signature,
      StringToSignBytes: formatBytes(asSent.stringToSign),
      CanonicalRequest: shown,
      CanonicalRequestBytes: formatBytes(shown),
    },
    reason: "signature_mismatch",
  });
}

/** What was signed, if `headers` are what its signer saw. */
function buildSigned(
  { method, path, query }: SignedMessage,
  { claim, headers }: { claim: SignatureClaim; headers: ReadonlyMap<string, string> },
): { canonicalRequest: string; stringToSign: string } {
  const { signedHeaders, payloadHash, amzDate, credential: { scope } } = claim;
  const canonicalRequest = buildCanonicalRequest({
    method,
    path,
    query,
    headers,
    signedHeaders,
    payloadHash,
  });
  return {
    canonicalRequest,
    stringToSign: buildStringToSign({ amzDate, scope, canonicalRequest }),
  };
}

/** As S3 shows them, `41 57 53 34`; no more of a long text than an error document has room for. */
function formatBytes(text: string): string {
  return formatSpacedHex(encodeUtf8(text.slice(0, LIMITS.errorTextBytesMax)));
}
