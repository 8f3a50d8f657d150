/**
 * Who signed a request to STS. Most clients send no `x-amz-content-sha256` here: the hash is that of the body as it came.
 * @module
 */

import { type Identity, mayComeFrom } from "../iam/identity.ts";
import { parseClientAddress } from "../iam/ip_range.ts";
import { S3Error } from "../s3/error.ts";
import { parseMethod } from "../s3/operation.ts";
import type { RawRequest } from "../s3/request.ts";
import { parseRequestTarget } from "../s3/target.ts";
import { verifySignature } from "../sigv4/verify.ts";
import type { StsOptions } from "./sts_rules.ts";
import { StsError, type StsErrorCode } from "./sts_error.ts";
import type { StsRequest } from "./sts_request.ts";

/**
 * @throws {StsError} For whoever is not proven; `AccessDenied` for a key that is used from elsewhere than its user's
 *   `source_ips`: it is given nothing, though a session would be held to the same addresses.
 */
export function verifyCaller(
  { payloadHash }: StsRequest,
  { raw, rules, now, authenticated }: StsOptions & { raw: RawRequest },
): Identity {
  try {
    const { path, query } = parseRequestTarget(raw.target);
    const headers = raw.headers.has("host")
      ? raw.headers
      : new Map(raw.headers).set("host", raw.authority);
    const { scheme } = raw;
    const { identity } = verifySignature(
      { method: parseMethod(raw.method), scheme, path, query, sentHeaders: headers, headers },
      {
        service: "sts",
        payloadHash,
        lookup: (key) => rules.findKey(key, now),
        now,
        clockSkewSecondsMax: rules.clockSkewSecondsMax,
        region: undefined,
      },
    );
    authenticated(identity);
    if (!mayComeFrom(identity, parseClientAddress(raw.clientAddress))) {
      throw new StsError("AccessDenied", { reason: "source_ip" });
    }
    return identity;
  } catch (cause) {
    if (!(cause instanceof S3Error)) throw cause;
    throw new StsError(translate(cause), { reason: cause.reason ?? cause.code, cause });
  }
}

function translate({ code, reason }: S3Error): StsErrorCode {
  switch (code) {
    case "InvalidAccessKeyId":
    case "InvalidToken":
      return "InvalidClientTokenId";
    case "ExpiredToken":
      return "ExpiredToken";
    case "SignatureDoesNotMatch":
    case "RequestTimeTooSkewed":
      return "SignatureDoesNotMatch";
    case "AccessDenied":
      return reason === "missing_credentials"
        ? "MissingAuthenticationToken"
        : "SignatureDoesNotMatch";
    default:
      return "IncompleteSignature";
  }
}
