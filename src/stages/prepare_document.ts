/**
 * Documents of clients: those that are decided on are written again from what was read.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { DOCUMENT_MEMORY, DOCUMENT_QUEUE } from "../payload/document_memory.ts";
import {
  decodeDocument,
  formatContentMd5,
  hashDocument,
  readDocument,
} from "../payload/read_document.ts";
import { S3Error } from "../s3/error.ts";
import { verifyTransitionMinimum } from "../s3/lifecycle.ts";
import type { S3Request } from "../s3/request.ts";
import { rewriteCompletedParts } from "../s3/completed_parts.ts";
import { formatLocationConstraint, parseLocationConstraint } from "../s3/request_documents.ts";
import { readXml } from "../s3/xml.ts";
import { type Capabilities, keepsParts } from "../stores/capabilities.ts";
import { NO_BODY, type PreparedBody, type PrepareOptions } from "./prepared_body.ts";

/**
 * A document of a client, read whole.
 * @throws {S3Error} those of {@linkcode readDocument} and of the parsers of documents.
 */
export async function prepareDocument(
  request: S3Request,
  { raw, authenticated, rules, capabilities }: PrepareOptions,
): Promise<PreparedBody> {
  const { operation: { name: operation }, sentHeaders: headers } = request;
  const { payloadHash, identity } = authenticated;
  const place = DOCUMENT_MEMORY.open(identity.sharesAs);
  try {
    // CompleteMultipartUpload's x-amz-checksum-* is the object's, not the document's.
    const hasChecksum = operation !== "CompleteMultipartUpload";
    const options = { headers, payloadHash, hasChecksum, operation, place };
    const received = await readDocument(raw.body, options);
    const [, signedRegion] = authenticated.seed?.credentialScope.split("/") ?? [];
    const regions = { region: rules.region, signedRegion };
    const bytes = await rewriteDocument(request, {
      received,
      regions,
      capabilities,
      user: identity.sharesAs,
    });
    const hasMd5 = operation !== "CompleteMultipartUpload"; // of which S3 wants none, and there may be 1 MiB
    return { ...buildDocumentBody(bytes, { hasMd5 }), release: () => place.release() };
  } catch (error) {
    place.release();
    throw error;
  }
}

/** The body that `bytes` are, with the digests that a backend may ask for. */
export function buildDocumentBody(
  bytes: Uint8Array<ArrayBuffer>,
  { hasMd5 = true }: { hasMd5?: boolean } = {},
): PreparedBody {
  if (bytes.length === 0) return NO_BODY;
  return {
    ...NO_BODY,
    body: { kind: "bytes", bytes },
    bytes: bytes.length,
    payloadHash: hashDocument(bytes),
    contentMd5: hasMd5 ? formatContentMd5(bytes) : undefined,
  };
}

/** Documents that are decided on are written again from what was read; others are the backend's business. */
async function rewriteDocument(
  request: S3Request,
  { received, regions, capabilities, user }: {
    received: Uint8Array<ArrayBuffer>;
    regions: Regions;
    capabilities: Capabilities;
    user: string;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  switch (request.operation.name) {
    case "CompleteMultipartUpload": {
      const checksums = keepsParts(capabilities) ? capabilities.checksums : [];
      const bytes = await DOCUMENT_QUEUE.run(
        user,
        () => rewriteCompletedParts(received, { checksums }),
      );
      received.buffer.transfer(0); // V8 lets 64 MiB of such memory pile up before it collects
      return bytes;
    }
    case "CreateBucket":
      return rewriteLocationConstraint(decodeDocument(received), regions);
    case "PutBucketLifecycleConfiguration":
      await verifyTransitionMinimum(
        request.headers,
        () => DOCUMENT_QUEUE.run(user, () => readXml(received)),
      );
      return received;
    default:
      return received;
  }
}

/** Of the backend, and the one that a client has signed for. */
interface Regions {
  readonly region: string;
  readonly signedRegion: string | undefined;
}

/**
 * None, `us-east-1`, the backend's region and the client's own, which its tools name by themselves, all mean the backend's.
 * @throws {S3Error} `InvalidLocationConstraint` for any other.
 */
function rewriteLocationConstraint(
  text: string,
  { region, signedRegion }: Regions,
): Uint8Array<ArrayBuffer> {
  const constraint = parseLocationConstraint(text);
  const known = [undefined, "us-east-1", region, signedRegion];
  if (!known.includes(constraint)) {
    throw new S3Error("InvalidLocationConstraint", {
      detail: { LocationConstraint: constraint ?? "" },
    });
  }
  return encodeUtf8(region === "us-east-1" ? "" : formatLocationConstraint(region));
}
