/**
 * Buckets, objects and uploads in memory, for the demo: nothing is kept.
 * @module
 */

import { createHash } from "node:crypto";
import { concatBytes } from "../../lib/bytes.ts";
import { S3Error } from "../../s3/error.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An object as it was put. */
export interface StoredObject {
  readonly bytes: Bytes;
  /** With its quotes. */
  readonly eTag: string;
  readonly lastModified: Date;
  /** Entity headers and user metadata, as they go out again. */
  readonly headers: ReadonlyMap<string, string>;
}

/** One part of an upload. */
export type StoredPart = Pick<StoredObject, "bytes" | "eTag" | "lastModified">;

/** A multipart upload that is under way. */
export interface Upload {
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly initiated: Date;
  readonly parts: Map<number, StoredPart>;
}

/** A bucket. */
export interface Bucket {
  readonly created: Date;
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
}

/** Everything the demo holds, within `bytesMax`. */
export class DemoStore {
  readonly buckets = new Map<string, Bucket>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @throws {S3Error} `NoSuchBucket`. */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw new S3Error("NoSuchBucket", { detail: { BucketName: name } });
    return bucket;
  }

  /** @throws {S3Error} `NoSuchBucket` or `NoSuchKey`. */
  object(bucket: string, key: string): StoredObject {
    const object = this.bucket(bucket).objects.get(key);
    if (object === undefined) throw new S3Error("NoSuchKey", { detail: { Key: key } });
    return object;
  }

  /** @throws {S3Error} `NoSuchBucket` or `NoSuchUpload`. */
  upload(bucket: string, uploadId: string): Upload {
    const upload = this.bucket(bucket).uploads.get(uploadId);
    if (upload === undefined) throw new S3Error("NoSuchUpload");
    return upload;
  }

  /** Puts `value` where `slots` has another, or none. @throws {S3Error} `QuotaExceeded`. */
  put<Key, Value extends { readonly bytes: Bytes }>(
    slots: Map<Key, Value>,
    { key, value }: { key: Key; value: Value },
  ): void {
    const growth = value.bytes.length - (slots.get(key)?.bytes.length ?? 0);
    this.reserve(growth);
    this.#bytes += growth;
    slots.set(key, value);
  }

  /** Removes what `slots` has under `key`. */
  remove<Key>(slots: Map<Key, { readonly bytes: Bytes }>, key: Key): void {
    this.#bytes -= slots.get(key)?.bytes.length ?? 0;
    slots.delete(key);
  }

  /** Whether `bytes` more would fit. @throws {S3Error} `QuotaExceeded` where they would not. */
  reserve(bytes: number): void {
    if (this.#bytes + bytes <= this.#bytesMax) return;
    throw new S3Error("QuotaExceeded", {
      message: `The demo keeps at most ${this.#bytesMax} bytes in memory. Delete something first.`,
    });
  }
}

/** The ETag of an object that was put whole. */
export function formatETag(bytes: Bytes): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

/** One object of all `parts`, with S3's ETag for such: the MD5 of the parts' MD5s, and their number. */
export function joinParts(parts: readonly StoredPart[]): Pick<StoredObject, "bytes" | "eTag"> {
  const digest = createHash("md5");
  for (const { bytes } of parts) digest.update(createHash("md5").update(bytes).digest());
  return {
    bytes: concatBytes(parts.map(({ bytes }) => bytes)),
    eTag: `"${digest.digest("hex")}-${parts.length}"`,
  };
}
