/**
 * Requests signed beforehand, so that signing costs the client nothing. All are signed for one name, whichever target they go to.
 * @module
 */

import { presign, signHeaders } from "../support/signer.ts";

/** Signed for, and sent as, the Host of every request. */
export const HOST = "s3.bench.test";
/** May do everything in the benchmark's bucket. */
export const USER = { access_key: "bench-key", secret_key: "secret-of-the-benchmark" };
/** May do nothing there. */
export const DENIED_USER = { access_key: "denied-key", secret_key: "secret-of-the-denied-user" };

/** How a request is signed. */
export type Signing = "header" | "presigned" | "denied" | "bad_signature";

/** A request, ready to send. */
export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PRESIGNED_SECONDS = 3600;

/** Signs one request without a body. */
export function signRequest(
  { method, target }: { method: string; target: string },
  signing: Signing,
): SignedRequest {
  const user = signing === "denied" ? DENIED_USER : USER;
  const input = {
    method,
    target,
    headers: [["Host", HOST]] as const,
    accessKey: user.access_key,
    secretKey: signing === "bad_signature" ? "another-secret" : user.secret_key,
    date: new Date(),
  };
  if (signing === "presigned") {
    const { target } = presign({ ...input, expires: PRESIGNED_SECONDS });
    return { method, target, headers: { Host: HOST } };
  }
  const { headers } = signHeaders(input);
  return { method, target, headers: { "user-agent": "bench/1", ...Object.fromEntries(headers) } };
}
