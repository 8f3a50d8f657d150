/**
 * Signed requests for the tests of verification: one user, one day, the tests' own signer.
 * @module
 */

import { parseAccessKeyId } from "../../../src/s3/names.ts";
import type { RequestRules } from "../../../src/s3/request.ts";
import { SecretAccessKey } from "../../../src/sigv4/secret_access_key.ts";
import {
  type Authenticated,
  type SignatureTrace,
  verifySignature,
} from "../../../src/sigv4/verify.ts";
import {
  presign,
  type PresignInput,
  signHeaders,
  type SigningInput,
} from "../../support/signer.ts";
import { parseSample, SAMPLE_RULES, type SampleRequest } from "../s3/sample_request.ts";

/** AWS's own example pair. */
export const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
export const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/** The instant at which AWS's examples are signed. */
export const SIGNED_AT = new Date("2013-05-24T00:00:00Z");

const ALICE = { identity: "alice", secretAccessKey: new SecretAccessKey(SECRET_KEY) };

/** What a test wants verified otherwise than by default. */
export interface SampleVerification {
  /** Seconds since {@linkcode SIGNED_AT}. */
  readonly ageSeconds?: number;
  readonly region?: string;
  readonly trace?: (trace: SignatureTrace) => void;
  readonly rules?: RequestRules;
}

/** `text` as an access key id. */
export function sampleAccessKeyId(text: string): NonNullable<ReturnType<typeof parseAccessKeyId>> {
  const id = parseAccessKeyId(text);
  if (id === undefined) throw new TypeError(`Cannot parse "${text}"`);
  return id;
}

/** Parses and verifies, with a lookup that knows one user; a refusal rejects. */
export function verifySample(
  sample: SampleRequest,
  options: SampleVerification = {},
): Promise<Authenticated<string>> {
  return Promise.try(() =>
    verifySignature(parseSample(sample, options.rules ?? SAMPLE_RULES), {
      lookup: ({ accessKeyId }) =>
        accessKeyId === sampleAccessKeyId(ACCESS_KEY) ? ALICE : undefined,
      now: new Date(SIGNED_AT.getTime() + (options.ageSeconds ?? 0) * 1000),
      clockSkewSecondsMax: 900,
      region: options.region,
      ...(options.trace !== undefined && { trace: options.trace }),
    })
  );
}

/** What a test wants signed otherwise than a GET of `/bucket/key` by AWS's example user. */
export interface SampleSigning extends Partial<SigningInput> {
  readonly host?: string;
}

/** A request with an Authorization header. */
export function signSample(signing: SampleSigning = {}): Required<
  Pick<SampleRequest, "method" | "target" | "headers">
> {
  const input = buildInput(signing);
  return { method: input.method, target: input.target, headers: signHeaders(input).headers };
}

/** A presigned request. */
export function presignSample(signing: SampleSigning & Partial<PresignInput> = {}): Required<
  Pick<SampleRequest, "method" | "target" | "headers">
> {
  const input = { expires: 3600, ...signing, ...buildInput(signing) };
  return { method: input.method, target: presign(input).target, headers: input.headers };
}

function buildInput(signing: SampleSigning): SigningInput {
  return {
    method: "GET",
    target: "/bucket/key",
    accessKey: ACCESS_KEY,
    secretKey: SECRET_KEY,
    date: SIGNED_AT,
    ...signing,
    headers: [["Host", signing.host ?? "proxy.example"], ...signing.headers ?? []],
  };
}
