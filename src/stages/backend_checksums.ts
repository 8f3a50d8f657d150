/**
 * Checksums for a store that keeps them: sent on as a header where they are known before the body, else behind it, and returned
 * to readers. The proxy verifies each of them itself.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html}.
 * @module
 */

import { openSource } from "../lib/byte_source.ts";
import { parseDeclaredChecksum } from "../payload/declared_checksum.ts";
import { frameBody } from "../payload/framed_source.ts";
import type { HeaderList } from "../respond.ts";
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
} from "../s3/checksum_algorithm.ts";
import type { OperationName } from "../s3/operation_table.ts";
import type { S3Request } from "../s3/request.ts";
import { type Capabilities, keepsParts } from "../stores/capabilities.ts";
import type { BackendRequest } from "../upstream/backend.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import type { PreparedBody } from "./prepared_body.ts";

const MODE = "x-amz-checksum-mode";
const TYPE = "x-amz-checksum-type";
const ALGORITHM = "x-amz-checksum-algorithm";

/** What {@linkcode addChecksums} is told. */
export interface ChecksumOptions {
  readonly request: S3Request;
  readonly prepared: PreparedBody;
  readonly capabilities: Capabilities;
}

/** `toBackend` with what the store is to keep, or to tell; only of a body is there something to wait for. */
export function addChecksums(
  toBackend: BackendRequest,
  options: ChecksumOptions,
): BackendRequest | Promise<BackendRequest> {
  const { request: { operation, headers }, capabilities } = options;
  if (capabilities.checksums.length === 0) return toBackend;
  switch (operation.name) {
    case "GetObject":
    case "HeadObject":
      return withHeaders(toBackend, pick(headers, [MODE]));
    case "CreateMultipartUpload":
      return keepsParts(capabilities) && isKept(headers.get(ALGORITHM), capabilities)
        ? withHeaders(toBackend, pick(headers, [ALGORITHM, TYPE]))
        : toBackend;
    case "CopyObject":
      return isKept(headers.get(ALGORITHM), capabilities)
        ? withHeaders(toBackend, pick(headers, [ALGORITHM]))
        : toBackend;
    case "CompleteMultipartUpload":
      return keepsParts(capabilities)
        ? withHeaders(toBackend, pick(headers, [...listKept(capabilities), TYPE]))
        : toBackend;
    case "UploadPart":
      return keepsParts(capabilities) ? addToBody(toBackend, options) : toBackend;
    case "PutObject":
      return addToBody(toBackend, options);
    default:
      return toBackend;
  }
}

async function addToBody(
  toBackend: BackendRequest,
  { request, prepared, capabilities }: ChecksumOptions,
): Promise<BackendRequest> {
  if (prepared.proof === undefined) return toBackend; // nothing was declared
  const declared = parseDeclaredChecksum(request.sentHeaders, { isEmpty: prepared.bytes === 0 });
  if (declared === undefined || !isKept(declared.algorithm, capabilities)) return toBackend;
  const { algorithm } = declared;
  const header = checksumHeader(algorithm);
  if (declared.source === "header") {
    return withHeaders(toBackend, pick(request.sentHeaders, [header]));
  }
  const { body } = toBackend;
  if (body.kind === "none") {
    const proven = await prepared.proof; // there is no byte to wait for
    return proven === undefined ? toBackend : withHeaders(toBackend, [[header, proven.value]]);
  }
  const { proof } = prepared;
  if (!capabilities.checksum_trailers || body.kind !== "sized") return toBackend;
  const framed = frameBody(openSource(body.stream), { length: body.bytes, algorithm, proof });
  return {
    ...withHeaders(toBackend, [
      ["x-amz-decoded-content-length", String(body.bytes)],
      ["x-amz-trailer", header],
    ]),
    payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    body: { kind: "sized", ...framed },
  };
}

function isKept(algorithm: string | undefined, { checksums }: Capabilities): boolean {
  return checksums.some((name) => name === algorithm?.toUpperCase());
}

function listKept({ checksums }: Capabilities): string[] {
  return checksums.map((name: ChecksumAlgorithm) => checksumHeader(name));
}

function pick(headers: ReadonlyMap<string, string>, names: readonly string[]): HeaderList {
  return names.flatMap((name): HeaderList => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value]];
  });
}

function withHeaders(toBackend: BackendRequest, added: HeaderList): BackendRequest {
  return added.length === 0
    ? toBackend
    : { ...toBackend, headers: new Map([...toBackend.headers, ...added]) };
}

const TOLD = [...CHECKSUM_ALGORITHMS.map(checksumHeader), TYPE];

/** What the store tells of checksums: to a read that asks, of the whole object only, and of what was written. */
export function listTold(
  { operation: { name }, headers: asked }: S3Request,
  { response: { status, headers }, capabilities }: {
    response: BackendResponse;
    capabilities: Capabilities;
  },
): HeaderList {
  if (capabilities.checksums.length === 0 || status !== 200) return [];
  const isRead = name === "GetObject" || name === "HeadObject";
  if (isRead && asked.get(MODE)?.toUpperCase() !== "ENABLED") return [];
  const names = isRead ? TOLD : listToldOfWrite(name, capabilities);
  return names.flatMap((name): HeaderList => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** A copy tells in its document. What is not kept of its parts is not promised of an upload. */
function listToldOfWrite(name: OperationName, capabilities: Capabilities): readonly string[] {
  if (name === "CreateMultipartUpload") return keepsParts(capabilities) ? [ALGORITHM, TYPE] : [];
  return name === "PutObject" ? [TYPE] : [];
}
