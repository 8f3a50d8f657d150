/**
 * Proves who signed a form upload: the signature is over its policy, and the policy says what the form may hold.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { parseFormPolicy } from "../s3/form_policy.ts";
import { type AccessKeyId, parseAccessKeyId } from "../s3/names.ts";
import { parseAmzDate } from "./amz_date.ts";
import { parseCredential } from "./credential_scope.ts";
import type { SignatureClaim } from "./signature_claim.ts";
import { deriveSigningKey, verifyVersion2 } from "./signing_key.ts";
import { ALGORITHM } from "./string_to_sign.ts";
import { type Authenticated, findSigner, type VerifyOptions } from "./verify.ts";

/** Those of Signature Version 2, beside the policy. */
const VERSION_2_FIELDS = ["awsaccesskeyid", "signature"] as const;
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
  options: VerifyOptions<Identity> & {
    /** `security.presigned_v2`. */
    readonly presignedV2: boolean;
  },
): Authenticated<Identity> {
  const isVersion2 = VERSION_2_FIELDS.some((name) => fields.has(name)) &&
    SIGNATURE_FIELDS.every((name) => !fields.has(name));
  const names = isVersion2 ? VERSION_2_FIELDS : SIGNATURE_FIELDS;
  const policy = fields.get("policy");
  if (policy === undefined && names.every((name) => !fields.has(name))) {
    throw new S3Error("AccessDenied", { reason: "missing_credentials" });
  }
  const missing = ["policy", ...names].find((name) => !fields.has(name));
  if (missing !== undefined || policy === undefined) {
    throw invalid(
      missing ?? "policy",
      `Bucket POST must contain a field named '${missing}'. If it is specified, please check the order of the fields.`,
    );
  }
  if (isVersion2) return verifyVersion2Form(policy, { fields, options });
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
  if (!isPlain(policy) || !signingKey.verify(policy, signature)) {
    throw mismatch(accessKeyId, signature);
  }
  return {
    identity,
    mechanism: "form",
    payloadHash: { kind: "unsigned" },
    seed: { signingKey, amzDate, credentialScope: scope.text, signature },
  };
}

/** SHA-1 over the policy: without a day, region or service, so that the policy's own expiration is all that ends it. */
function verifyVersion2Form<Identity>(
  policy: string,
  { fields, options }: {
    fields: ReadonlyMap<string, string>;
    options: VerifyOptions<Identity> & { readonly presignedV2: boolean };
  },
): Authenticated<Identity> {
  if (!options.presignedV2) {
    throw new S3Error("InvalidRequest", {
      message:
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. This is a form " +
        "of Signature Version 2, which security.presigned_v2 in the proxy's configuration takes.",
      reason: "unsupported_algorithm",
    });
  }
  // A session's token would have to be covered by the signature, and Version 2 does not cover it.
  if (fields.has("x-amz-security-token")) {
    throw new S3Error("InvalidToken", { reason: "session_token" });
  }
  const accessKeyId = parseAccessKeyId(fields.get("awsaccesskeyid") ?? "");
  if (accessKeyId === undefined) {
    throw new S3Error("InvalidAccessKeyId", { reason: "unknown_access_key" });
  }
  options.claimed?.(accessKeyId);
  const { secretAccessKey, identity } = findSigner(
    { accessKeyId, sessionToken: undefined },
    options.lookup,
  );
  const signature = fields.get("signature") ?? "";
  if (!isPlain(policy) || !verifyVersion2(secretAccessKey, { stringToSign: policy, signature })) {
    throw mismatch(accessKeyId, signature);
  }
  verifyLife(policy, options.now);
  return { identity, mechanism: "form", payloadHash: { kind: "unsigned" }, seed: undefined };
}

/** Such a form may live as long as a presigned URL may. */
function verifyLife(policy: string, now: Date): void {
  const secondsLeft = (parseFormPolicy(policy).expiration.getTime() - now.getTime()) / 1000;
  if (secondsLeft <= LIMITS.presignedExpiresSecondsMax) return;
  throw new S3Error("AccessDenied", {
    message:
      `Invalid according to Policy: its expiration must be less than ${LIMITS.presignedExpiresSecondsMax} seconds ahead`,
    reason: "malformed",
  });
}

function isPlain(policy: string): boolean {
  return /^[\x21-\x7e]*$/.test(policy);
}

function mismatch(accessKeyId: AccessKeyId, signature: string): S3Error {
  return new S3Error("SignatureDoesNotMatch", {
    detail: { AWSAccessKeyId: accessKeyId, SignatureProvided: signature },
    reason: "signature_mismatch",
  });
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
