/**
 * Multipart uploads of the demo.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html}.
 * @module
 */

import { S3Error } from "../../s3/error.ts";
import { parseCompletedParts } from "../../s3/completed_parts.ts";
import { buildElement, buildRoot, type XmlElement } from "../../s3/xml.ts";
import { type DemoStore, formatETag, joinParts, type StoredPart } from "./store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Which upload a request is about. */
export interface UploadName {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

/** Begins an upload. */
export function createUpload(
  store: DemoStore,
  { bucket, key, headers, now }: {
    bucket: string;
    key: string;
    headers: ReadonlyMap<string, string>;
    now: Date;
  },
): XmlElement {
  const uploadId = crypto.randomUUID();
  store.bucket(bucket).uploads.set(uploadId, { key, headers, initiated: now, parts: new Map() });
  return buildRoot("InitiateMultipartUploadResult", [
    buildElement("Bucket", bucket),
    buildElement("Key", key),
    buildElement("UploadId", uploadId),
  ]);
}

/** Keeps a part, which may replace one of its number. @throws {S3Error} `NoSuchUpload`, `QuotaExceeded`. */
export function putPart(
  store: DemoStore,
  { name, number, bytes, now }: { name: UploadName; number: number; bytes: Bytes; now: Date },
): StoredPart {
  const { parts } = store.upload(name.bucket, name.uploadId);
  const part = { bytes, eTag: formatETag(bytes), lastModified: now };
  store.put(parts, { key: number, value: part });
  return part;
}

/** Makes an object of the parts a client names. @throws {S3Error} `NoSuchUpload`, `InvalidRequest`. */
export function completeUpload(
  store: DemoStore,
  { name, document, now }: { name: UploadName; document: string; now: Date },
): XmlElement {
  const { bucket, key, uploadId } = name;
  const upload = store.upload(bucket, uploadId);
  const parts = parseCompletedParts(document).map(({ partNumber, eTag }) => {
    const part = upload.parts.get(partNumber);
    if (part !== undefined && part.eTag === `"${eTag.replaceAll('"', "")}"`) return part;
    throw new S3Error("InvalidRequest", { message: "A part that is named was not uploaded." });
  });
  const { bytes, eTag } = joinParts(parts);
  dropUpload(store, name);
  const value = { bytes, eTag, lastModified: now, headers: upload.headers };
  store.put(store.bucket(bucket).objects, { key, value });
  return buildRoot("CompleteMultipartUploadResult", [
    buildElement("Location", `/${bucket}/${key}`),
    buildElement("Bucket", bucket),
    buildElement("Key", key),
    buildElement("ETag", eTag),
  ]);
}

/** Ends an upload and forgets its parts. @throws {S3Error} `NoSuchUpload`. */
export function dropUpload(store: DemoStore, { bucket, uploadId }: UploadName): void {
  const { parts } = store.upload(bucket, uploadId);
  for (const number of [...parts.keys()]) store.remove(parts, number);
  store.bucket(bucket).uploads.delete(uploadId);
}

/** ListParts. @throws {S3Error} `NoSuchUpload`. */
export function listParts(store: DemoStore, { bucket, key, uploadId }: UploadName): XmlElement {
  const { parts } = store.upload(bucket, uploadId);
  return buildRoot("ListPartsResult", [
    buildElement("Bucket", bucket),
    buildElement("Key", key),
    buildElement("UploadId", uploadId),
    buildElement("IsTruncated", "false"),
    ...[...parts].sort(([left], [right]) => left - right).map(([number, part]) =>
      buildElement("Part", [
        buildElement("PartNumber", String(number)),
        buildElement("LastModified", part.lastModified.toISOString()),
        buildElement("ETag", part.eTag),
        buildElement("Size", String(part.bytes.length)),
      ])
    ),
  ]);
}

/** ListMultipartUploads, those whose key starts with `prefix`. @throws {S3Error} `NoSuchBucket`. */
export function listUploads(
  store: DemoStore,
  { bucket, prefix }: { bucket: string; prefix: string },
): XmlElement {
  const uploads = [...store.bucket(bucket).uploads].filter(([, { key }]) => key.startsWith(prefix));
  return buildRoot("ListMultipartUploadsResult", [
    buildElement("Bucket", bucket),
    buildElement("IsTruncated", "false"),
    ...uploads.map(([uploadId, { key, initiated }]) =>
      buildElement("Upload", [
        buildElement("Key", key),
        buildElement("UploadId", uploadId),
        buildElement("Initiated", initiated.toISOString()),
      ])
    ),
  ]);
}
