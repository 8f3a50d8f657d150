/**
 * The S3 that the demo puts behind the proxy: in memory, as much of it as clients use, as strict about signatures as a real one.
 * @module
 */

import { BodyReader } from "../../lib/body_reader.ts";
import { concatBytes, decodeUtf8, encodeUtf8 } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import { LIMITS } from "../../limits.ts";
import { S3Error } from "../../s3/error.ts";
import { formatErrorDocument } from "../../s3/error_document.ts";
import { parseS3Request, type RawRequest, type S3Request } from "../../s3/request.ts";
import { parseDeleteRequest } from "../../s3/request_documents.ts";
import { buildElement, buildRoot, formatXml, type XmlElement } from "../../s3/xml.ts";
import type { SigningCredentials } from "../../sigv4/sign.ts";
import { verifySignature } from "../../sigv4/verify.ts";
import { PRESETS } from "../../stores/presets.ts";
import { buildListing } from "./listing.ts";
import {
  completeUpload,
  createUpload,
  dropUpload,
  listParts,
  listUploads,
  putPart,
  type UploadName,
} from "./multipart.ts";
import { parseRange, respondWithObject, selectStoredHeaders } from "./object_response.ts";
import { DemoStore, formatETag, type StoredObject } from "./store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Answers one request to the store; never rejects. */
export type DemoBackend = (raw: RawRequest) => Promise<Response>;

/** What {@linkcode createDemoBackend} takes. */
export interface DemoBackendOptions {
  /** The one key pair that may do everything. */
  readonly masterCredentials: SigningCredentials;
  readonly now: Clock;
  /** What the store keeps; {@linkcode LIMITS.demoStoreBytesMax} if not said. */
  readonly bytesMax?: number;
}

const RULES = {
  virtualHostDomains: [],
  bucketNames: { relaxed: false, reserved: new Set<string>() },
  capabilities: PRESETS.aws,
  presignedV2: false,
};

/** Makes an empty store. */
export function createDemoBackend(
  { masterCredentials, now, bytesMax = LIMITS.demoStoreBytesMax }: DemoBackendOptions,
): DemoBackend {
  const store = new DemoStore(bytesMax);
  return async (raw) => {
    try {
      const request = parseS3Request(raw, RULES);
      verifySignature(request, {
        lookup: ({ accessKeyId }) =>
          accessKeyId === masterCredentials.accessKeyId
            ? { secretAccessKey: masterCredentials.secretAccessKey, identity: "master" }
            : undefined,
        now: now(),
        clockSkewSecondsMax: LIMITS.clockSkewSecondsMax,
        region: masterCredentials.region,
      });
      if (request.bodyLength.kind === "known") store.reserve(request.bodyLength.bytes);
      return answer(request, { store, body: await readBody(raw), now: now() });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      const { code, message, detail, status } = error;
      const document = { code, message, detail, resource: raw.target, requestId: "demo" };
      return new Response(raw.method === "HEAD" ? null : formatErrorDocument(document), {
        status,
        headers: { "content-type": "application/xml" },
      });
    }
  };
}

async function readBody({ body }: RawRequest): Promise<Bytes> {
  const parts: Bytes[] = [];
  const reader = body === null ? undefined : new BodyReader(body);
  for (let part; (part = await reader?.read()) !== undefined;) parts.push(part);
  return concatBytes(parts);
}

interface Work {
  readonly store: DemoStore;
  readonly body: Bytes;
  readonly now: Date;
}

function answer(request: S3Request, work: Work): Response {
  const { resource } = request;
  switch (resource.level) {
    case "service":
      return respondWithXml(listBuckets(work.store));
    case "bucket":
      return answerBucket(request, { ...work, bucket: resource.bucket });
    case "object":
      return answerObject(request, { ...work, bucket: resource.bucket, key: resource.key });
  }
}

function listBuckets({ buckets }: DemoStore): XmlElement {
  return buildRoot("ListAllMyBucketsResult", [
    buildElement(
      "Buckets",
      [...buckets].map(([name, { created }]) =>
        buildElement("Bucket", [
          buildElement("Name", name),
          buildElement("CreationDate", created.toISOString()),
        ])
      ),
    ),
  ]);
}

function answerBucket(
  { operation, parameters }: S3Request,
  { store, body, now, bucket }: Work & { bucket: string },
): Response {
  switch (operation.name) {
    case "CreateBucket":
      if (!store.buckets.has(bucket)) {
        store.buckets.set(bucket, { created: now, objects: new Map(), uploads: new Map() });
      }
      return new Response(null, { status: 200 });
    case "HeadBucket":
      store.bucket(bucket);
      return new Response(null, { status: 200 });
    case "DeleteBucket":
      if (store.bucket(bucket).objects.size > 0) {
        throw new S3Error("InvalidRequest", { message: "The bucket is not empty." });
      }
      store.buckets.delete(bucket);
      return new Response(null, { status: 204 });
    case "GetBucketLocation":
      store.bucket(bucket);
      return respondWithXml(buildRoot("LocationConstraint", []));
    case "ListObjects":
    case "ListObjectsV2":
      return respondWithXml(buildListing(store.bucket(bucket).objects, { bucket, parameters }));
    case "ListMultipartUploads": {
      const prefix = parameters.get("prefix") ?? "";
      return respondWithXml(listUploads(store, { bucket, prefix }));
    }
    case "DeleteObjects": {
      const { objects, quiet } = parseDeleteRequest(decodeUtf8(body) ?? "");
      const { objects: stored } = store.bucket(bucket);
      for (const { key } of objects) store.remove(stored, key);
      const deleted = objects.map(({ key }) => buildElement("Deleted", [buildElement("Key", key)]));
      return respondWithXml(buildRoot("DeleteResult", quiet ? [] : deleted));
    }
    default:
      throw new S3Error("NotImplemented", { message: `The demo does not have ${operation.name}.` });
  }
}

function answerObject(
  request: S3Request,
  { store, body, now, bucket, key }: Work & { bucket: string; key: string },
): Response {
  const { operation, parameters, copySource } = request;
  const name: UploadName = { bucket, key, uploadId: parameters.get("uploadId") ?? "" };
  const number = Number(parameters.get("partNumber"));
  const headers = selectStoredHeaders(request);
  switch (operation.name) {
    case "GetObject":
    case "HeadObject":
      return respondWithObject(request, store.object(bucket, key));
    case "PutObject":
      return respondStored(putObject(request, { store, bucket, key, headers, bytes: body, now }));
    case "CopyObject": {
      const source = store.object(copySource?.bucket ?? "", copySource?.key ?? "");
      const isReplacing = request.headers.get("x-amz-metadata-directive") === "REPLACE";
      const copied = { ...source, headers: isReplacing ? headers : source.headers };
      const stored = putObject(request, { store, bucket, key, ...copied, now });
      return respondWithXml(buildCopyResult("CopyObjectResult", stored));
    }
    case "DeleteObject":
      store.remove(store.bucket(bucket).objects, key);
      return new Response(null, { status: 204 });
    case "CreateMultipartUpload":
      return respondWithXml(createUpload(store, { bucket, key, headers, now }));
    case "UploadPart":
      return respondStored(putPart(store, { name, number, bytes: body, now }));
    case "UploadPartCopy": {
      const source = store.object(copySource?.bucket ?? "", copySource?.key ?? "");
      const [from, to] = parseRange(request.headers.get("x-amz-copy-source-range"), source.bytes);
      const bytes = source.bytes.slice(from, to + 1);
      return respondWithXml(
        buildCopyResult("CopyPartResult", putPart(store, { name, number, bytes, now })),
      );
    }
    case "CompleteMultipartUpload": {
      const document = decodeUtf8(body) ?? "";
      return respondWithXml(completeUpload(store, { name, document, now }));
    }
    case "AbortMultipartUpload":
      dropUpload(store, name);
      return new Response(null, { status: 204 });
    case "ListParts":
      return respondWithXml(listParts(store, name));
    default:
      throw new S3Error("NotImplemented", { message: `The demo does not have ${operation.name}.` });
  }
}

function putObject(
  request: S3Request,
  { store, bucket, key, headers, bytes, now }: {
    store: DemoStore;
    bucket: string;
    key: string;
    headers: ReadonlyMap<string, string>;
    bytes: Bytes;
    now: Date;
  },
): StoredObject {
  const { objects } = store.bucket(bucket);
  if (request.headers.get("if-none-match") === "*" && objects.has(key)) {
    throw new S3Error("PreconditionFailed", { detail: { Condition: "If-None-Match" } });
  }
  const value = { bytes, eTag: formatETag(bytes), lastModified: now, headers };
  store.put(objects, { key, value });
  return value;
}

function buildCopyResult(
  name: string,
  { eTag, lastModified }: Pick<StoredObject, "eTag" | "lastModified">,
): XmlElement {
  return buildRoot(name, [
    buildElement("LastModified", lastModified.toISOString()),
    buildElement("ETag", eTag),
  ]);
}

function respondStored({ eTag }: Pick<StoredObject, "eTag">): Response {
  return new Response(null, { status: 200, headers: { etag: eTag } });
}

function respondWithXml(root: XmlElement): Response {
  const headers = { "content-type": "application/xml" };
  return new Response(encodeUtf8(formatXml(root)), { status: 200, headers });
}
