/**
 * Requests signed beforehand, so that signing costs the client nothing. All are signed for one name, whichever target they go to.
 * @module
 */

import { SealingKey } from "../../src/identity/sealing_key.ts";
import type { Session } from "../../src/identity/session.ts";
import { SessionSealer } from "../../src/identity/session_sealer.ts";
import { presign, signHeaders } from "../support/signer.ts";

/** Signed for, and sent as, the Host of every request. */
export const HOST = "s3.bench.test";
/** May do everything in the benchmark's bucket. */
export const USER = { access_key: "bench-key", secret_key: "secret-of-the-benchmark" };
/** May do nothing there. */
export const DENIED_USER = { access_key: "denied-key", secret_key: "secret-of-the-denied-user" };

/** What sessions are sealed with. */
const SEALING_KEY = "a-sealing-key-of-the-benchmark-of-32-characters";
const ISSUER = "https://token.actions.example.com";
/** What it takes for sessions of the role `builder`, which may do everything in `bucket`. */
export function buildSessionSections(bucket: string): Readonly<Record<string, unknown>> {
  return {
    identity_providers: [{ issuer: ISSUER }],
    sts: { keys: [SEALING_KEY] },
    roles: {
      builder: {
        grants: [{ access: "full", buckets: [bucket] }],
        trust: [{ issuer: ISSUER, audience: "s3-proxy", claims: { repository_id: "123456789" } }],
      },
    },
  };
}

/** How a request is signed. */
export type Signing = "header" | "session" | "presigned" | "denied" | "bad_signature";

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
  if (signing === "session") {
    const { headers } = signHeaders({ ...input, ...openSession(input.headers) });
    return { method, target, headers: { "user-agent": "bench/1", ...Object.fromEntries(headers) } };
  }
  const { headers } = signHeaders(input);
  return { method, target, headers: { "user-agent": "bench/1", ...Object.fromEntries(headers) } };
}

/** A session of `builder`, of a CI job as GitHub Actions describes one. */
export function describeSession(name: string): Session {
  const issuedAtSeconds = Math.floor(Date.now() / 1000);
  return {
    role: "builder",
    name,
    principal: {
      kind: "web",
      issuer: ISSUER,
      audiences: ["s3-proxy"],
      subject: "repo:octo-org@987654/octo-repo@123456789:environment:production",
      claims: { repository_id: ["123456789"] },
    },
    issuedAtSeconds,
    expiresAtSeconds: issuedAtSeconds + 3600,
    policy: undefined,
  };
}

/** One for the whole run. */
let session: ReturnType<SessionSealer["seal"]>;

function openSession(headers: readonly (readonly [string, string])[]): {
  accessKey: string;
  secretKey: string;
  headers: readonly (readonly [string, string])[];
} {
  session ??= new SessionSealer([new SealingKey(SEALING_KEY)]).seal(describeSession("job-17"));
  if (session === undefined) throw new Error("The session's token is not too long");
  const { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken } = session;
  return { accessKey, secretKey, headers: [...headers, ["x-amz-security-token", sessionToken]] };
}
