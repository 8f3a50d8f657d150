/**
 * Proves who signed a form upload: the signature is over its policy, and the policy says what the form may hold.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { parseAmzDate } from "./amz_date.ts";
import { formatCredentialScope, parseCredential } from "./credential_scope.ts";
import type { SignatureClaim } from "./signature_claim.ts";
import { deriveSigningKey } from "./signing_key.ts";
import { ALGORITHM } from "./string_to_sign.ts";
import { type Authenticated, findSigner, type VerifyOptions } from "./verify.ts";

const SIGNATURE_FIELDS = [
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-signature",
] as const;

/**
 * Proves who signed the policy among `fields`, whose names are in lower case.
 * @throws {S3Error} `AccessDenied` for a form without policy and signature, which would be anonymous, and for a signature
 *   older than a signing key may be; `InvalidArgument` for a field of the signature that is missing or malformed;
 *   `InvalidAccessKeyId`; `InvalidToken`; `ExpiredToken`; `SignatureDoesNotMatch`.
 */
export function verifyFormSignature<Identity>(
  fields: ReadonlyMap<string, string>,
  options: VerifyOptions<Identity>,
): Authenticated<Identity> {
  const policy = fields.get("policy");
  if (policy === undefined && SIGNATURE_FIELDS.every((name) => !fields.has(name))) {
    throw new S3Error("AccessDenied", { reason: "missing_credentials" });
  }
  const [missing] = ["policy", ...SIGNATURE_FIELDS].filter((name) => !fields.has(name));
  if (missing !== undefined || policy === undefined) {
    throw invalid(
      missing ?? "policy",
      `Bucket POST must contain a field named '${missing}'. If it is specified, please check the order of the fields.`,
    );
  }
  const claim = parseClaim(fields);
  const { accessKeyId, scope } = claim.credential;
  options.claimed?.(accessKeyId);
  verifyScope(claim, options);
  const { secretAccessKey, identity } = findSigner({
    accessKeyId,
    // As every field, a condition of the policy has to cover it.
    sessionToken: fields.get("x-amz-security-token"),
  }, options.lookup);
  const signingKey = deriveSigningKey(secretAccessKey, scope);
  const { signature, amzDate } = claim;
  // The StringToSign of a form is its policy, base64 and all.
  if (!/^[\x21-\x7e]*$/.test(policy) || !signingKey.verify(policy, signature)) {
    throw new S3Error("SignatureDoesNotMatch", {
      detail: { AWSAccessKeyId: accessKeyId, SignatureProvided: signature },
      reason: "signature_mismatch",
    });
  }
  return {
    identity,
    mechanism: "form",
    payloadHash: { kind: "unsigned" },
    seed: { signingKey, amzDate, credentialScope: formatCredentialScope(scope), signature },
  };
}

/** What a form claims about who signed it. */
type FormClaim = Pick<SignatureClaim, "credential" | "amzDate" | "signedAt" | "signature">;

function parseClaim(fields: ReadonlyMap<string, string>): FormClaim {
  const field = (name: typeof SIGNATURE_FIELDS[number]): string => fields.get(name) ?? "";
  if (field("x-amz-algorithm") !== ALGORITHM) {
    throw invalid("x-amz-algorithm", `x-amz-algorithm only supports "${ALGORITHM}"`);
  }
  const credential = parseCredential(field("x-amz-credential"), "s3");
  if ("problem" in credential) {
    throw invalid(
      "x-amz-credential",
      `Error parsing the x-amz-credential field; ${credential.problem}`,
    );
  }
  const date = parseAmzDate(field("x-amz-date"));
  if (date === undefined || credential.scope.date !== date.amzDate.slice(0, 8)) {
    throw invalid(
      "x-amz-date",
      "x-amz-date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\", and of the credential's day.",
    );
  }
  const signature = field("x-amz-signature");
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw invalid("x-amz-signature", "x-amz-signature must be 64 hexadecimal digits.");
  }
  return { credential, amzDate: date.amzDate, signedAt: date.instant, signature };
}

/** The policy's expiration ends a form's life; a signing key's, 7 days, does so in any case. */
function verifyScope(
  { credential: { scope }, signedAt }: FormClaim,
  { now, clockSkewSecondsMax, region }: Pick<
    VerifyOptions<unknown>,
    "now" | "clockSkewSecondsMax" | "region"
  >,
): void {
  if (region !== undefined && scope.region !== region) {
    throw new S3Error("InvalidArgument", {
      message:
        `The credential is malformed; the region '${scope.region}' is wrong; expecting '${region}'`,
      detail: { ArgumentName: "x-amz-credential", Region: region },
      reason: "wrong_scope",
    });
  }
  const ageSeconds = (now.getTime() - signedAt.getTime()) / 1000;
  if (ageSeconds < -clockSkewSecondsMax) {
    throw new S3Error("AccessDenied", {
      message: "Invalid according to Policy: Request is not valid yet",
      reason: "clock_skew",
    });
  }
  if (ageSeconds > LIMITS.presignedExpiresSecondsMax) {
    throw new S3Error("AccessDenied", {
      message: "Invalid according to Policy: Policy expired.",
      reason: "expired",
    });
  }
}

function invalid(name: string, message: string): S3Error {
  return new S3Error("InvalidArgument", {
    message,
    detail: { ArgumentName: name },
    reason: "malformed",
  });
}
