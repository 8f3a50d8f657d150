/**
 * The body that goes to the backend: none, the untouched stream, a stream that proves itself, or a document.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import { decodePayload, proveEmpty } from "../payload/decode_payload.ts";
import { type PayloadPlan, planPayload, type ProvablePlan } from "../payload/payload_plan.ts";
import { isEmptyBody, streamingRefused } from "../payload/read_document.ts";
import { S3Error } from "../s3/error.ts";
import { bodyRefused, type RawRequest, type S3Request } from "../s3/request.ts";
import { UNSIGNED_PAYLOAD } from "../sigv4/content_sha256.ts";
import { prepareDocument } from "./prepare_document.ts";
import { NO_BODY, type PreparedBody, type PrepareOptions } from "./prepared_body.ts";

/**
 * Prepares the body of an authorized request; DeleteObjects and ACLs have their own ways.
 * @throws {S3Error} for what can be told from the head, and for documents: see {@linkcode planPayload},
 *   {@linkcode readDocument} and the parsers of documents.
 */
export function prepareBody(
  request: S3Request,
  options: PrepareOptions,
): PreparedBody | Promise<PreparedBody> {
  switch (request.operation.body) {
    case "none": {
      const { kind } = options.authenticated.payloadHash;
      if (kind !== "signed" && kind !== "unsigned") throw streamingRefused();
      return NO_BODY;
    }
    case "object":
      return prepareObject(request, options);
    case "xml":
      return prepareDocument(request, options);
  }
}

/**
 * Waits for the end of a chunked body of an operation that takes none: some proxies add an empty one. `undefined` for every
 * other request. Rejects with an {@linkcode S3Error}: `InvalidRequest` at its first byte; `RequestTimeout` where neither comes.
 */
export function verifyNoBody(request: S3Request, { body }: RawRequest): Promise<void> | undefined {
  const { operation, bodyLength } = request;
  if (operation.body !== "none" || bodyLength.kind !== "unknown" || body === null) return undefined;
  return isEmptyBody(body).then((isEmpty) => {
    if (!isEmpty) throw bodyRefused(operation);
  });
}

async function prepareObject(
  request: S3Request,
  options: PrepareOptions,
): Promise<PreparedBody> {
  const { raw, authenticated, rules } = options;
  const { verifyContentIntegrity } = rules;
  const plan = planPayload(request, { ...authenticated, verifyContentIntegrity });
  if (plan.kind === "passthrough") {
    const payloadHash = passHash(options);
    if (plan.length === 0 || raw.body === null) return { ...NO_BODY, payloadHash };
    const { body: stream, bodyRead } = raw;
    const { length: bytes } = plan;
    const isOurs = bodyRead !== undefined || !(stream instanceof ReadableStream);
    const body = { kind: isOurs ? "sized" : "untouched", stream, bytes } as const;
    return { ...NO_BODY, body, bytes, payloadHash };
  }
  return await prepareProven(plan, { ...options, body: raw.body });
}

/** The hash that the client signed, for a backend that checks plain bytes against it. RGW 16 does, and stores nothing where they differ. */
function passHash(
  { authenticated: { payloadHash }, capabilities }: Pick<
    PrepareOptions,
    "authenticated" | "capabilities"
  >,
): string {
  return capabilities.payload_hash && payloadHash.kind === "signed"
    ? payloadHash.sha256Hex
    : UNSIGNED_PAYLOAD;
}

/**
 * A body that proves itself as it goes.
 * @throws {S3Error} `EntityTooLarge`; `SlowDown`; for an empty body, what is wrong with it.
 */
export async function prepareProven(
  plan: ProvablePlan,
  { body, authenticated, rules, capabilities, uploadSlots }: PrepareOptions & {
    body: BodySource | null;
  },
): Promise<PreparedBody> {
  if (plan.length > rules.maxStreamingUploadBytes) {
    throw new S3Error("EntityTooLarge", {
      detail: {
        ProposedSize: String(plan.length),
        MaxSizeAllowed: String(rules.maxStreamingUploadBytes),
      },
    });
  }
  const releaseSlot = uploadSlots.take(
    authenticated.identity.sharesAs,
    rules.maxConcurrentStreamingUploads,
  );
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new S3Error("RequestTimeout", { reason: "upload_duration" })),
    rules.maxStreamingUploadDurationMs,
  );
  const release = (): void => {
    clearTimeout(timer);
    releaseSlot();
  };
  const options = { plan, signal: deadline.signal };
  const payloadHash = strictHash(plan) ?? passHash({ authenticated, capabilities });
  if (plan.length === 0) {
    try {
      const checksum = await proveEmpty(body, options);
      return { ...NO_BODY, payloadHash, proof: Promise.resolve(checksum) };
    } finally {
      release();
    }
  }
  const { source, length, settled } = decodePayload(body, options);
  return {
    ...NO_BODY,
    body: { kind: "sized", stream: source, bytes: length },
    bytes: length,
    payloadHash,
    proof: settled,
    release,
  };
}

/** In strict mode the backend checks the client's hash once more. */
function strictHash(plan: PayloadPlan): string | undefined {
  return plan.kind === "verify_plain" ? plan.sha256Hex : undefined;
}
