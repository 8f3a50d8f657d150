/**
 * The Authorization header.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html}.
 * @module
 */

import { S3Error } from "../s3/error.ts";
import { parseAmzDate, parseDateHeader } from "./amz_date.ts";
import type { KnownOfMessage, SignatureClaim, SignedMessage } from "./signature_claim.ts";
import { parseCredential } from "./credential_scope.ts";
import { parseSignedHeaders } from "./signed_headers.ts";
import { ALGORITHM } from "./string_to_sign.ts";

/** What stands behind the algorithm. */
interface Fields {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/**
 * Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; fields in any order, each once, with or without
 * spaces after the commas.
 * @throws {S3Error} `AuthorizationHeaderMalformed`; `InvalidRequest` for another algorithm; `AccessDenied` without a
 *   valid signed date; `MissingSecurityHeader` without `x-amz-content-sha256`.
 */
export function parseAuthorizationHeader(
  authorization: string,
  { request, service, sessionToken, payloadHash: knownHash }: KnownOfMessage & {
    readonly request: SignedMessage;
  },
): SignatureClaim {
  const fields = parseFields(authorization);
  const credential = parseCredential(fields.credential, service);
  if ("problem" in credential) throw malformed(credential.problem);
  const signedHeaders = parseSignedHeaders(fields.signedHeaders);
  if (signedHeaders === undefined) {
    throw malformed("SignedHeaders must be lower-case header names, sorted, each once.");
  }
  const { signature } = fields;
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    throw malformed("the Signature must be 64 hexadecimal digits.");
  }
  const date = parseSigningDate(request.sentHeaders, signedHeaders);
  if (credential.scope.date !== date.amzDate.slice(0, 8)) {
    throw malformed(
      `Invalid credential date "${credential.scope.date}". ` +
        `This date is not the same as X-Amz-Date: "${date.amzDate.slice(0, 8)}".`,
    );
  }
  const payloadHash = knownHash ?? request.sentHeaders.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("MissingSecurityHeader", {
      message: "Missing required header for this request: x-amz-content-sha256",
      detail: { MissingHeaderName: "x-amz-content-sha256" },
      reason: "malformed",
    });
  }
  return {
    type: "header",
    credential,
    amzDate: date.amzDate,
    signedAt: date.instant,
    signedHeaders,
    signature,
    payloadHash,
    sessionToken,
    expiresSeconds: undefined,
  };
}

function parseFields(authorization: string): Fields {
  const spaceAt = authorization.indexOf(" ");
  const algorithm = spaceAt < 0 ? authorization : authorization.slice(0, spaceAt);
  if (algorithm !== ALGORITHM) {
    throw new S3Error("InvalidRequest", {
      message:
        "The authorization mechanism that you provided is not supported. Please use AWS4-HMAC-SHA256.",
      reason: "unsupported_algorithm",
    });
  }
  let credential: string | undefined;
  let signedHeaders: string | undefined;
  let signature: string | undefined;
  for (const part of authorization.slice(spaceAt + 1).split(",")) {
    const field = part.trim();
    const equalsAt = field.indexOf("=");
    const name = equalsAt < 0 ? field : field.slice(0, equalsAt);
    const value = field.slice(equalsAt + 1);
    if (name === "Credential" && credential === undefined) credential = value;
    else if (name === "SignedHeaders" && signedHeaders === undefined) signedHeaders = value;
    else if (name === "Signature" && signature === undefined) signature = value;
    else throw fieldsExpected();
  }
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw fieldsExpected();
  }
  return { credential, signedHeaders, signature };
}

/** `x-amz-date`, or a signed `Date`. */
function parseSigningDate(
  headers: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
): NonNullable<ReturnType<typeof parseAmzDate>> {
  const amzDate = headers.get("x-amz-date");
  const date = signedHeaders.includes("date") ? headers.get("date") : undefined;
  const parsed = amzDate !== undefined ? parseAmzDate(amzDate) : parseDateHeader(date ?? "");
  if (parsed === undefined) {
    throw new S3Error("AccessDenied", {
      message: "AWS authentication requires a valid Date or x-amz-date header",
      reason: "malformed",
    });
  }
  return parsed;
}

function fieldsExpected(): S3Error {
  return malformed("expecting Credential, SignedHeaders and Signature, each once.");
}

function malformed(problem: string): S3Error {
  return new S3Error("AuthorizationHeaderMalformed", {
    message: `The authorization header is malformed; ${problem}`,
    reason: "malformed",
  });
}
