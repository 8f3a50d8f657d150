/**
 * The body that goes to the backend: none, the untouched stream, a stream that proves itself, or a document.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import type { ProvenChecksum } from "../payload/checksum.ts";
import { decodePayload, proveEmpty } from "../payload/decode_payload.ts";
import { DOCUMENT_MEMORY, DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import { type PayloadPlan, planPayload, type ProvablePlan } from "../payload/payload_plan.ts";
import {
  decodeDocument,
  formatContentMd5,
  hashDocument,
  isEmptyBody,
  readDocument,
  streamingRefused,
} from "../payload/read_document.ts";
import type { UploadSlots } from "../payload/upload_slots.ts";
import { S3Error } from "../s3/error.ts";
import { verifyTransitionMinimum } from "../s3/lifecycle.ts";
import { bodyRefused, type RawRequest, type S3Request } from "../s3/request.ts";
import {
  formatCompletedParts,
  formatLocationConstraint,
  parseLocationConstraint,
  readCompletedParts,
} from "../s3/request_documents.ts";
import { readXml } from "../s3/xml.ts";
import { UNSIGNED_PAYLOAD } from "../sigv4/content_sha256.ts";
import type { Authenticated } from "../sigv4/verify.ts";
import type { TransportBody } from "../upstream/transport.ts";

/** A body, and what has to be said about it. */
export interface PreparedBody {
  readonly body: TransportBody;
  /** Of the plain bytes; 0 for none. */
  readonly bytes: number;
  /** `x-amz-content-sha256` of the request to the backend. */
  readonly payloadHash: string;
  /** Base64 for a document: its `content-md5`. */
  readonly contentMd5: string | undefined;
  /** Resolves once the body is proven, with what the response carries back; rejects with the S3Error. */
  readonly proof: Promise<ProvenChecksum | undefined>;
  /** Gives back what the body holds; to be called once, however the request ends. */
  release(): void;
}

/** What the configuration says about bodies. */
export interface BodyRules {
  readonly verifyContentIntegrity: boolean;
  readonly maxStreamingUploadBytes: number;
  readonly maxStreamingUploadDurationMs: number;
  readonly maxConcurrentStreamingUploads: number;
  readonly blockPublicAccess: boolean;
  /** The region of the backend, which CreateBucket may name. */
  readonly region: string;
}

/** What {@linkcode prepareBody} is told. */
export interface PrepareOptions {
  readonly raw: RawRequest;
  readonly authenticated: Authenticated<{ readonly name: string }>;
  readonly rules: BodyRules;
  readonly uploadSlots: UploadSlots;
}

/**
 * Prepares the body of an authorized request; DeleteObjects and ACLs have their own ways.
 * @throws {S3Error} for what can be told from the head, and for documents: see {@linkcode planPayload},
 *   {@linkcode readDocument} and the parsers of documents.
 */
export function prepareBody(request: S3Request, options: PrepareOptions): Promise<PreparedBody> {
  switch (request.operation.body) {
    case "none": {
      const { kind } = options.authenticated.payloadHash;
      if (kind !== "signed" && kind !== "unsigned") return Promise.reject(streamingRefused());
      return Promise.resolve(NO_BODY);
    }
    case "object":
      return prepareObject(request, options);
    case "xml":
      return prepareDocument(request, options);
  }
}

/**
 * Waits for the end of a body that came in chunks where there is none to be: some proxies send an empty one so.
 * @throws {S3Error} `InvalidRequest` at its first byte; `RequestTimeout` where neither comes.
 */
export async function verifyNoBody(request: S3Request, { body }: RawRequest): Promise<void> {
  const { operation, bodyLength } = request;
  if (operation.body !== "none" || bodyLength.kind !== "unknown" || body === null) return;
  if (!await isEmptyBody(body)) throw bodyRefused(operation);
}

/** No body at all. */
export const NO_BODY: PreparedBody = {
  body: { kind: "none" },
  bytes: 0,
  payloadHash: UNSIGNED_PAYLOAD,
  contentMd5: undefined,
  proof: Promise.resolve(undefined),
  release: () => {},
};

async function prepareObject(
  request: S3Request,
  { raw, authenticated, rules, uploadSlots }: PrepareOptions,
): Promise<PreparedBody> {
  const { verifyContentIntegrity } = rules;
  const plan = planPayload(request, { ...authenticated, verifyContentIntegrity });
  if (plan.kind === "passthrough") {
    if (plan.length === 0 || raw.body === null) return NO_BODY;
    const { body: stream, bodyRead } = raw;
    const { length: bytes } = plan;
    const isOurs = bodyRead !== undefined || !(stream instanceof ReadableStream);
    return { ...NO_BODY, body: { kind: isOurs ? "sized" : "untouched", stream, bytes }, bytes };
  }
  return await prepareProven(plan, { raw, authenticated, rules, uploadSlots, body: raw.body });
}

/**
 * A body that proves itself as it goes.
 * @throws {S3Error} `EntityTooLarge`; `SlowDown`; for an empty body, what is wrong with it.
 */
export async function prepareProven(
  plan: ProvablePlan,
  { body, authenticated, rules, uploadSlots }: PrepareOptions & { body: BodySource | null },
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
    authenticated.identity.name,
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
  const payloadHash = strictHash(plan) ?? UNSIGNED_PAYLOAD;
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

async function prepareDocument(
  request: S3Request,
  { raw, authenticated, rules }: PrepareOptions,
): Promise<PreparedBody> {
  const { operation: { name: operation }, sentHeaders: headers } = request;
  const { payloadHash, identity } = authenticated;
  const place = DOCUMENT_MEMORY.open(identity.name);
  try {
    // CompleteMultipartUpload's x-amz-checksum-* is the object's, not the document's.
    const hasChecksum = operation !== "CompleteMultipartUpload";
    const options = { headers, payloadHash, hasChecksum, operation, place };
    const received = await readDocument(raw.body, options);
    const bytes = await rewriteDocument(request, { received, rules });
    return { ...buildDocumentBody(bytes), release: () => place.release() };
  } catch (error) {
    place.release();
    throw error;
  }
}

/** The body that `bytes` are, with every digest a backend may ask for. */
export function buildDocumentBody(bytes: Uint8Array<ArrayBuffer>): PreparedBody {
  if (bytes.length === 0) return NO_BODY;
  return {
    ...NO_BODY,
    body: { kind: "bytes", bytes },
    bytes: bytes.length,
    payloadHash: hashDocument(bytes),
    contentMd5: formatContentMd5(bytes),
  };
}

/** Documents that are decided on are written again from what was read; others are the backend's business. */
async function rewriteDocument(
  request: S3Request,
  { received, rules: { region } }: {
    received: Uint8Array<ArrayBuffer>;
    rules: BodyRules;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  switch (request.operation.name) {
    case "CompleteMultipartUpload": {
      const text = decodeDocument(received);
      const parts = await DOCUMENT_QUEUE.run(() => readCompletedParts(text));
      return encodeUtf8(formatCompletedParts(parts));
    }
    case "CreateBucket":
      return rewriteLocationConstraint(decodeDocument(received), region);
    case "PutBucketLifecycleConfiguration":
      await verifyTransitionMinimum(
        request.headers,
        () => DOCUMENT_QUEUE.run(() => readXml(decodeDocument(received))),
      );
      return received;
    default:
      return received;
  }
}

/**
 * `us-east-1`, the backend's region and none all mean the backend's own.
 * @throws {S3Error} `InvalidLocationConstraint` for any other.
 */
function rewriteLocationConstraint(text: string, region: string): Uint8Array<ArrayBuffer> {
  const constraint = parseLocationConstraint(text);
  if (constraint !== undefined && constraint !== "us-east-1" && constraint !== region) {
    throw new S3Error("InvalidLocationConstraint", {
      detail: { LocationConstraint: constraint },
    });
  }
  return encodeUtf8(region === "us-east-1" ? "" : formatLocationConstraint(region));
}
