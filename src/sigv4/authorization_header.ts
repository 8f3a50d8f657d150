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

/** Credential, SignedHeaders, Signature. */
const COMPONENTS = 3;

const SIGNATURE = /^[0-9a-f]{64}$/;
const SIGNATURE_DIGITS = 64;

/** What stands behind the algorithm. */
interface Fields {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/** The last header that was read, up to its signature, where that stands last: the next one often differs in nothing else. */
let last: Omit<Fields, "signature"> & { readonly start: string } | undefined;

/**
 * Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`; fields in any order, each once, with or without
 * spaces after the commas.
 * @throws {S3Error} `AuthorizationHeaderMalformed`; `InvalidArgument` for another scheme; `AccessDenied` without a
 *   valid signed date; `InvalidRequest` without `x-amz-content-sha256`.
 */
export function parseAuthorizationHeader(
  authorization: string,
  { request, service, sessionToken, payloadHash: knownHash }: KnownOfMessage & {
    readonly request: SignedMessage;
  },
): SignatureClaim {
  const fields = readAgain(authorization) ?? parseFields(authorization);
  const credential = parseCredential(fields.credential, service);
  if ("problem" in credential) throw malformed(credential.problem);
  const signedHeaders = parseSignedHeaders(fields.signedHeaders);
  if (signedHeaders === undefined) {
    throw malformed("SignedHeaders must be lower-case header names, sorted, each once.");
  }
  const { signature } = fields;
  if (!SIGNATURE.test(signature)) throw malformed("the Signature must be 64 hexadecimal digits.");
  const date = parseSigningDate(request.sentHeaders, signedHeaders);
  if (credential.scope.date !== date.amzDate.slice(0, 8)) {
    throw malformed(
      `Invalid credential date "${credential.scope.date}". ` +
        `This date is not the same as X-Amz-Date: "${date.amzDate.slice(0, 8)}".`,
    );
  }
  const payloadHash = knownHash ?? request.sentHeaders.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", {
      message: "Missing required header for this request: x-amz-content-sha256",
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

/** `undefined` where it does not begin as the last one did, or does not end in a signature. */
function readAgain(authorization: string): Fields | undefined {
  if (last === undefined || !authorization.startsWith(last.start)) return undefined;
  const signature = authorization.slice(last.start.length);
  if (!SIGNATURE.test(signature)) return undefined;
  const { credential, signedHeaders } = last;
  return { credential, signedHeaders, signature };
}

function parseFields(authorization: string): Fields {
  const spaceAt = authorization.indexOf(" ");
  const scheme = spaceAt < 0 ? authorization : authorization.slice(0, spaceAt);
  if (scheme !== ALGORITHM) throw schemeRefused(spaceAt < 0 ? undefined : scheme);
  const parts = authorization.slice(spaceAt + 1).split(",", COMPONENTS + 1);
  if (parts.length !== COMPONENTS) {
    throw malformed(
      "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
    );
  }
  const fields: { -readonly [Name in keyof Fields]: string | undefined } = {
    credential: undefined,
    signedHeaders: undefined,
    signature: undefined,
  };
  for (const part of parts) {
    const field = part.trim();
    const equalsAt = field.indexOf("=");
    if (equalsAt < 0) throw malformed(`the authorization component "${field}" is malformed.`);
    const value = field.slice(equalsAt + 1);
    if (field.startsWith("Credential=")) fields.credential = value;
    else if (field.startsWith("SignedHeaders=")) fields.signedHeaders = value;
    else if (field.startsWith("Signature=")) fields.signature = value;
  }
  // One that is given twice, or has another name, leaves out one of the three.
  const { credential, signedHeaders, signature } = fields;
  if (credential === undefined) throw malformed("missing Credential.");
  if (signedHeaders === undefined) throw malformed("missing SignedHeaders.");
  if (signature === undefined) throw malformed("missing Signature.");
  const start = authorization.slice(0, -SIGNATURE_DIGITS);
  // INVARIANT: what follows is the third component, whatever it is.
  if (/, ?Signature=$/.test(start)) last = { start, credential, signedHeaders };
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

/** @param scheme What stands before the first space, if there is one. */
function schemeRefused(scheme: string | undefined): S3Error {
  return new S3Error("InvalidArgument", {
    message: scheme === undefined
      ? "Authorization header is invalid -- one and only one ' ' (space) required"
      : "Unsupported Authorization Type",
    detail: {
      ArgumentName: "Authorization",
      // Behind the scheme there may be a secret.
      ...scheme === undefined ? {} : { ArgumentValue: scheme },
    },
    reason: "unsupported_algorithm",
  });
}

function malformed(problem: string): S3Error {
  return new S3Error("AuthorizationHeaderMalformed", {
    message: `The authorization header is malformed; ${problem}`,
    reason: "malformed",
  });
}
