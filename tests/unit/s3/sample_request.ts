/**
 * Requests as a listener yields them, and the check of how one is refused.
 * @module
 */

import assert from "node:assert/strict";
import { S3Error, type S3ErrorCode } from "../../../src/s3/error.ts";
import {
  parseS3Request,
  type RawRequest,
  type RequestRules,
  type S3Request,
} from "../../../src/s3/request.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import type { Header } from "../../support/signer.ts";

/** What a test says of a request; the rest is a GET by path style on a plain listener. */
export interface SampleRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly Header[];
  readonly scheme?: "http" | "https";
  readonly hasBody?: boolean;
}

/** Virtual hosts under AWS's domain, everything else as it is by default. */
export const SAMPLE_RULES: RequestRules = {
  virtualHostDomains: ["s3.amazonaws.com"],
  bucketNames: { relaxed: false, reserved: new Set() },
  capabilities: PRESETS.ceph,
  presignedV2: false,
};

/** Merges headers as listeners do; `host` is the authority. */
export function buildRawRequest(sample: SampleRequest): RawRequest {
  const headers = new Map<string, string>();
  for (const [rawName, value] of sample.headers ?? []) {
    const name = rawName.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    method: sample.method ?? "GET",
    target: sample.target ?? "/bucket/key",
    authority: headers.get("host") ?? "proxy.example",
    scheme: sample.scheme ?? "http",
    headers,
    body: sample.hasBody === true ? new Blob(["body"]).stream() : null,
    clientAddress: "203.0.113.7",
    clientGone: () => new AbortController().signal,
  };
}

/** Parses a sample. */
export function parseSample(sample: SampleRequest, rules: RequestRules = SAMPLE_RULES): S3Request {
  return parseS3Request(buildRawRequest(sample), rules);
}

/** Expects `action` to throw an S3Error with `code`, and answers it. */
export function assertRefused(action: () => unknown, code: S3ErrorCode): S3Error {
  let refusal: unknown;
  assert.throws(action, (error) => {
    refusal = error;
    return true;
  });
  return assertCode(refusal, code);
}

/** The same for a promise. */
export async function assertRejected(
  promise: Promise<unknown>,
  code: S3ErrorCode,
): Promise<S3Error> {
  let refusal: unknown;
  await assert.rejects(promise, (error) => {
    refusal = error;
    return true;
  });
  return assertCode(refusal, code);
}

function assertCode(refusal: unknown, code: S3ErrorCode): S3Error {
  if (!(refusal instanceof S3Error)) throw refusal;
  assert.equal(refusal.code, code);
  return refusal;
}
