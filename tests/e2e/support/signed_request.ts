/**
 * One signed request over raw HTTP/1.1, for tests that need no S3 client.
 * @module
 */

import { type RawBody, type RawResponse, request } from "../../support/raw_client.ts";
import { type Header, signHeaders } from "../../support/signer.ts";

/** What is sent, where, and as whom. */
export interface SignedRequest {
  readonly port: number;
  /** The authority to trust; plain HTTP without it. */
  readonly caCert?: string;
  readonly method: string;
  readonly target: string;
  readonly user: { readonly accessKey: string; readonly secretKey: string };
  readonly headers?: readonly Header[];
  readonly body?: RawBody;
}

/** Sends it, its body unsigned, and reads the response. */
export async function sendSigned(
  { user, headers = [], ...input }: SignedRequest,
): Promise<RawResponse> {
  const { port, method, target } = input;
  const signed = signHeaders({
    method,
    target,
    headers: [["host", `127.0.0.1:${port}`], ...headers],
    ...user,
    date: new Date(),
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  return await request({ ...input, headers: signed.headers });
}
