/**
 * Requests for the tests of policies: one ordinary client, and resources written as `bucket/key`.
 * @module
 */

import { ALL_ACTIONS, type S3Action } from "../../../src/iam/actions.ts";
import { authorize, type Need } from "../../../src/iam/authorize.ts";
import { parseIpAddress } from "../../../src/iam/ip_range.ts";
import { Policy } from "../../../src/iam/policy.ts";
import {
  parsePolicyDocument,
  type PolicyDocumentOptions,
} from "../../../src/iam/policy_document.ts";
import type { RequestContext } from "../../../src/iam/request_context.ts";
import type { Resource } from "../../../src/s3/addressing.ts";
import { type BucketName, parseBucketName, parseObjectKey } from "../../../src/s3/names.ts";

const NAME_RULES = { relaxed: true, reserved: new Set<string>() };

/** What a test file says of a request; the rest is alice's, over TLS, at noon. */
export interface SampleContext extends Partial<Omit<RequestContext, "sourceIp" | "currentTime">> {
  readonly sourceIp?: string;
  readonly currentTime?: string;
}

/** A request's context. */
export function buildContext(sample: SampleContext = {}): RequestContext {
  const { sourceIp = "203.0.113.7", currentTime = "2030-06-15T12:00:00Z", ...rest } = sample;
  const address = parseIpAddress(sourceIp);
  if (address === undefined) throw new TypeError(`Cannot parse "${sourceIp}"`);
  return {
    username: "alice",
    secureTransport: true,
    authType: "REST-HEADER",
    sourceIp: address,
    currentTime: new Date(currentTime),
    ...rest,
  };
}

/** `*` is the service, `bucket` a bucket, `bucket/key` an object. */
export function parseSampleResource(text: string): Resource {
  if (text === "*") return { level: "service" };
  const [bucketText = "", ...key] = text.split("/");
  const bucket = parseSampleBucket(bucketText);
  if (key.length === 0) return { level: "bucket", bucket };
  return { level: "object", bucket, key: parseObjectKey(key.join("/")) };
}

/** A bucket's name. */
export function parseSampleBucket(text: string): BucketName {
  return parseBucketName(text, NAME_RULES);
}

/** The right to do `action` on `resource`. */
export function buildNeed(action: S3Action, resource: string): Need {
  return { action, resource: parseSampleResource(resource) };
}

/** How a sample document is read; its statements are `test.Statement[0]` and so on. */
export const SAMPLE_DOCUMENT: PolicyDocumentOptions = {
  nameStatement: (index) => `test.Statement[${index}]`,
  relaxed: false,
};

/** A policy of `statements`, each of which allows unless it says otherwise. */
export function buildPolicy(...statements: readonly object[]): Policy {
  const document = {
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  };
  return new Policy(parsePolicyDocument(document, SAMPLE_DOCUMENT));
}

/** Whether `policy` allows one action on a resource, in a context of the other members. */
export function allows(
  policy: Policy,
  { action, resource, ...sample }: { action: S3Action; resource: string } & SampleContext,
): boolean {
  const context = buildContext(sample);
  return authorize(policy, { needs: [buildNeed(action, resource)], context }).allowed;
}

/** The actions `policy` allows on `resource`, without their `s3:`, in order. */
export function allowedActions(
  policy: Policy,
  resource: string,
  sample: SampleContext = {},
): string[] {
  return [...ALL_ACTIONS].filter((action) => allows(policy, { action, resource, ...sample }))
    .map((action) => action.slice("s3:".length)).sort();
}
