/**
 * A body that goes to the backend, and what it is prepared with.
 * @module
 */

import type { Identity } from "../iam/identity.ts";
import type { ProvenChecksum } from "../payload/checksum.ts";
import type { UploadSlots } from "../payload/upload_slots.ts";
import type { RawRequest } from "../s3/request.ts";
import { UNSIGNED_PAYLOAD } from "../sigv4/content_sha256.ts";
import type { Authenticated } from "../sigv4/verify.ts";
import type { Capabilities } from "../stores/capabilities.ts";
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
  /**
   * Resolves once the body is proven, with what the response carries back; rejects with the S3Error. `undefined` where there
   * is nothing to prove.
   */
  readonly proof: Promise<ProvenChecksum | undefined> | undefined;
  /** Gives back what the body holds; to be called once, however the request ends. */
  readonly release: () => void;
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
  readonly authenticated: Authenticated<Pick<Identity, "sharesAs">>;
  readonly rules: BodyRules;
  readonly capabilities: Capabilities;
  readonly uploadSlots: UploadSlots;
}

/** No body at all. */
export const NO_BODY: PreparedBody = {
  body: { kind: "none" },
  bytes: 0,
  payloadHash: UNSIGNED_PAYLOAD,
  contentMd5: undefined,
  proof: undefined,
  release: () => {},
};
