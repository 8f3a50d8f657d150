/**
 * Who caused the failure of a request to the backend: the client, the backend, or a deadline.
 * @module
 */

import { assertNever } from "../lib/assert.ts";
import { S3Error, type S3ErrorCode } from "../s3/error.ts";

/** Why this program has broken an exchange off. */
export type Failure = "client_gone" | "unreachable" | "timeout";

/** The error of an exchange that ended in `cause`; `reason` is why the client went. */
export function describeFailure(
  failure: Failure | undefined,
  { cause, reason }: { cause: unknown; reason: unknown },
): S3Error {
  switch (failure) {
    case "client_gone":
      return reason instanceof S3Error ? reason : new S3Error("RequestTimeout", { cause });
    case "unreachable":
      return new S3Error("ServiceUnavailable", { cause });
    case "timeout":
      return new S3Error("GatewayTimeout", { cause });
    case undefined:
      return cause instanceof S3Error ? cause : new S3Error(findCode(cause), { cause });
    default:
      return assertNever(failure);
  }
}

/** `fetch` has one error for everything; only its text tells what failed. */
function findCode(cause: unknown): S3ErrorCode {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error.message.includes("client error (Connect)")) return "ServiceUnavailable";
    if (error.message.includes("Cannot read request body")) return "IncompleteBody";
    // The client's connection broke off. (A failure of the backend's connection names the request that was sent on it.)
    if (error.message.startsWith("peer closed connection without")) return "IncompleteBody";
  }
  return "BadGateway";
}
