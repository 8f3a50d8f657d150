/**
 * The way of nearly every operation: its body is prepared, it goes to the backend once, and the answer comes back.
 * @module
 */

import type { Decision } from "../iam/authorize.ts";
import type { KeyLock } from "../lib/key_lock.ts";
import type { UploadSlots } from "../payload/upload_slots.ts";
import { type Capabilities, holds } from "../stores/capabilities.ts";
import type { Answer } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import type { BucketVersions } from "./bucket_versions.ts";
import { addChecksums } from "./backend_checksums.ts";
import { planWrite, sendConditionally } from "./conditional_write.ts";
import { verifyBucketIsThere } from "./existing_bucket.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { type AcceptedForm, prepareForm } from "./post_object.ts";
import { sendRead, verifySourcePreconditions } from "./preconditions.ts";
import { prepareBody } from "./prepare_body.ts";
import type { BodyRules } from "./prepared_body.ts";
import { respondByOperation } from "./respond_by_operation.ts";
import { verifyUploadKey } from "./upload_key.ts";

/** What {@linkcode forwardRequest} is told. */
export interface ForwardOptions {
  readonly rules: BodyRules;
  readonly capabilities: Capabilities;
  readonly uploadSlots: UploadSlots;
  readonly keyLock: KeyLock;
  readonly bucketVersions: BucketVersions;
  readonly exchange: Exchange;
  readonly decision: Extract<Decision, { allowed: true }>;
  /** The form that the request came as, with its body. */
  readonly form?: AcceptedForm;
}

/** Forwards it. @throws {S3Error} those of its body and of the backend. */
export async function forwardRequest(
  authorized: Authorized,
  options: ForwardOptions,
): Promise<Answer> {
  const { request, authenticated, raw } = authorized;
  const { rules, capabilities, uploadSlots, exchange, decision, form } = options;
  const { createOnly } = decision;
  if (!capabilities.upload_keys) await verifyUploadKey(authorized, exchange);
  if (capabilities.put_makes_buckets) await verifyBucketIsThere(authorized, exchange);
  if (request.copySource !== undefined && !holds(capabilities, "copy.source-if")) {
    const refusal = await verifySourcePreconditions(authorized, exchange);
    if (refusal !== undefined) return refusal;
  }
  const preparing = { raw, authenticated, rules, capabilities, uploadSlots };
  const preparation = form === undefined
    ? prepareBody(request, preparing)
    : prepareForm(form, { ...preparing, source: exchange.paceFile(form.file) });
  const prepared = preparation instanceof Promise ? await preparation : preparation;
  exchange.onRelease(prepared.release);
  let broken: S3Error | undefined;
  prepared.proof?.catch((error) => {
    if (error instanceof S3Error) broken = error;
  });
  const plan = planWrite(request, { createOnly, capabilities });
  let response: BackendResponse;
  try {
    const plain = buildBackendRequest(request, prepared);
    const added = addChecksums(plain, { request, prepared, capabilities });
    const toBackend = added instanceof Promise ? await added : added;
    response = plan !== undefined
      ? await sendConditionally(authorized, { ...options, request: toBackend, plan })
      : request.operation.name === "GetObject" && request.headers.has("if-range")
      ? await sendRead(authorized, { request: toBackend, exchange, capabilities })
      : await exchange.send(authorized, toBackend);
  } catch (error) {
    // A body that breaks its promise breaks off its request to the backend: the promise is the reason.
    throw broken ?? error;
  }
  const { proof } = prepared;
  const { region } = rules;
  const answer = respondByOperation(authorized, {
    exchange,
    response,
    proof,
    capabilities,
    region,
  });
  return answer instanceof Promise ? await answer : answer;
}
