/**
 * The names a request carries, each made only by its parser.
 * @module
 */

import type { Brand } from "../lib/brand.ts";
import { countUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { foldKey, isOdd, mayBeTooMany } from "./key_readings.ts";
import { S3Error } from "./error.ts";

/** A bucket's name as S3 allows it: `my-bucket.logs`. */
export type BucketName = Brand<string, "BucketName">;
/** An object's key, decoded: any text of 1 to 1024 bytes without NUL that climbs out of no bucket. */
export type ObjectKey = Brand<string, "ObjectKey">;
/** The public half of a key pair. */
export type AccessKeyId = Brand<string, "AccessKeyId">;

/** How bucket names are read; from the configuration's `backend` section. */
export interface BucketNameRules extends KeyRules {
  /** Accept what RGW and old S3 regions accept: capitals, `_`, up to 255 characters. */
  readonly relaxed: boolean;
  /** Names refused beside {@linkcode RESERVED_BUCKET_NAMES}. */
  readonly reserved: ReadonlySet<string>;
}

/** How keys are read. */
export interface KeyRules {
  /**
   * Whether keys may have `.` and `..` segments: the backend, and all that stands before it, takes a path as it is. Where
   * it is folded, `a/../b` would be decided as one key and be another. Default: no.
   */
  readonly dotSegments?: boolean;
  /**
   * Whether the backend may take `/a`, `a//b`, `a/` and `a\\b` for other keys: each request is then decided for every key
   * that it may be about (key_readings.ts), and a key that may be too many is refused. Default: no.
   */
  readonly folded?: boolean;
  /** Whether the backend has versions; without, an id in a DeleteObjects entry is none. Default: yes. */
  readonly versions?: boolean;
  /** What keys of the backend's own begin with. */
  readonly reservedPrefixes?: readonly string[];
}

/** Paths that are another API on some backend, reached with the master key. */
export const RESERVED_BUCKET_NAMES: ReadonlySet<string> = new Set([
  "admin",
  "swift",
  "auth",
  "minio",
  "sts",
  "iam",
  "moto-api",
  "profile",
  "rustfs",
]);

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const STRICT_BUCKET_NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])$/;
const RELAXED_BUCKET_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])$/;
// No bucket's name, but another way to one: an access point's alias, an Object Lambda's, a multi-region access point's,
// a directory or table bucket's. S3 gives them out, so a user's `app-*` could name one of a bucket that is not its own.
const ALIAS = /(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;
const IPV4_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const NONE: readonly string[] = [];
/**
 * What some stores keep an object as, and take for it: MinIO `a/` as `a__XLDIR__`, SeaweedFS a version of `a` as
 * `a.versions/v_ID`.
 */
const STORED_NAME = /__XLDIR__[/\\]*$|\.versions[/\\]+v_[0-9a-f]{32}(?:[/\\]|$)/;
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;
/** Of one UTF-16 unit. */
const UTF8_BYTES_MAX = 3;
const DOTS = /^\.+$/;
const OPAQUE_ID = /^[A-Za-z0-9._~+=-]+$/;
const ACCESS_KEY_ID = /^[A-Za-z0-9_.@+=~-]+$/;

/** The last bucket's name that was read, and by which rules: the next request is mostly about the same bucket. */
let lastBucket: { readonly name: BucketName; readonly rules: BucketNameRules } | undefined;

/**
 * Reads a bucket's name.
 * @throws {S3Error} `InvalidBucketName` for what S3 does not allow, and for reserved names.
 */
export function parseBucketName(text: string, rules: BucketNameRules): BucketName {
  if (lastBucket?.name === text && lastBucket.rules === rules) return lastBucket.name;
  const pattern = rules.relaxed ? RELAXED_BUCKET_NAME : STRICT_BUCKET_NAME;
  const lengthMax = rules.relaxed
    ? LIMITS.relaxedBucketNameCharactersMax
    : LIMITS.bucketNameCharactersMax;
  const folded = text.toLowerCase();
  if (
    text.length < LIMITS.bucketNameCharactersMin || text.length > lengthMax ||
    !pattern.test(text) || text.includes("..") || IPV4_ADDRESS.test(text) ||
    ALIAS.test(folded) ||
    RESERVED_BUCKET_NAMES.has(folded) || rules.reserved.has(folded)
  ) {
    throw new S3Error("InvalidBucketName", { detail: { BucketName: text } });
  }
  lastBucket = { name: text as BucketName, rules };
  return lastBucket.name;
}

/**
 * Reads an object's decoded key.
 * @throws {S3Error} `InvalidURI` for NUL, for `..` segments that climb out of the bucket, which S3 refuses, too, and for any
 *   dot segments where {@linkcode KeyRules} have none; `KeyTooLongError` above {@linkcode LIMITS.keyBytesMax};
 *   `AccessDenied` for what is the backend's own.
 */
export function parseObjectKey(text: string, rules: KeyRules = {}): ObjectKey {
  const key = readObjectKey(text, rules);
  if (key instanceof S3Error) throw key;
  return key;
}

/** {@linkcode parseObjectKey} for many keys: throwing takes many times as long as the rest. */
export function readObjectKey(text: string, rules: KeyRules = {}): ObjectKey | S3Error {
  const { dotSegments = false, folded = false, reservedPrefixes = NONE } = rules;
  if (text === "" || text.includes("\0")) return new S3Error("InvalidURI");
  if (isTooLong(text)) {
    return new S3Error("KeyTooLongError", {
      detail: {
        Size: String(countUtf8(text)),
        MaxSizeAllowed: String(LIMITS.keyBytesMax),
      },
    });
  }
  if (DOT_SEGMENT.test(text) && (!dotSegments || climbsOut(text))) {
    return new S3Error("InvalidURI", {
      message: dotSegments
        ? "An object key has more '..' path segments than others before them."
        : "Object keys with a '.' or '..' path segment are not supported.",
    });
  }
  if (folded && STORED_NAME.test(text)) {
    return new S3Error("InvalidURI", {
      message:
        "The storage backend may take this object key for that of a folder, or for a version.",
    });
  }
  if (folded && isOdd(text) && (mayBeTooMany(text) || hasDotSegment(text.replaceAll("\\", "/")))) {
    return new S3Error("InvalidURI", {
      message: "The storage backend may take this object key for several others: " +
        "it has more than one empty path segment, or a '.' between backslashes.",
    });
  }
  if (reservedPrefixes.length > 0) {
    const plain = foldKey(text);
    if (reservedPrefixes.some((prefix) => plain.startsWith(prefix) || `${plain}/` === prefix)) {
      return new S3Error("AccessDenied", { reason: "reserved_key" });
    }
  }
  // It keeps every rule of a key.
  return text as ObjectKey;
}

/** Whether a `.` or `..` is a segment of it. */
export function hasDotSegment(key: string): boolean {
  return DOT_SEGMENT.test(key);
}

/** Whether `..` leads above the bucket; empty segments are none, because some who fold paths join slashes first. */
function climbsOut(key: string): boolean {
  let depth = 0;
  // Without an array of segments, of which a key may have a thousand.
  for (let from = 0; from <= key.length;) {
    const slashAt = key.indexOf("/", from);
    const end = slashAt < 0 ? key.length : slashAt;
    const isDots = end - from <= 2 && "..".startsWith(key.slice(from, end));
    if (!isDots) depth++;
    else if (end - from === 2) depth--;
    if (depth < 0) return true;
    from = end + 1;
  }
  return false;
}

/**
 * Whether `text` can be an upload's id. RGW keeps an upload under `key.id`, and takes `k` with `x.2~…` for the upload
 * `2~…` of `k.x`, another key than was authorized; its own ids begin with `2~`, and no other store's hold a `~`.
 */
export function isUploadId(text: string): boolean {
  return isOpaqueId(text) && !text.includes(".2~");
}

/**
 * Whether `text` can be a version's id. RGW keeps a version under `id_key`, and takes `k` with `…_x` for the version `…`
 * of `x_k`, another key than was authorized; its own ids are 31 characters without `_`. AWS's have 32, some of them `_`.
 */
export function isVersionId(text: string): boolean {
  return isOpaqueId(text) && !/^[^_]{31,32}_./.test(text);
}

/**
 * Of up to 1024 characters; none is special in a path, a header or a query, and dots alone are no id. One in 130 versions of Ceph's has
 * two dots in a row in it. RGW reads an empty id as none: a request that was authorized for a version would be carried out on the
 * object itself.
 */
function isOpaqueId(text: string): boolean {
  return OPAQUE_ID.test(text) && text.length <= LIMITS.idCharactersMax && !DOTS.test(text);
}

/** Reads an access key id, or answers `undefined` if it has characters or a length no key pair can have. */
export function parseAccessKeyId(text: string): AccessKeyId | undefined {
  if (text.length > LIMITS.accessKeyIdCharactersMax || !ACCESS_KEY_ID.test(text)) return undefined;
  return text as AccessKeyId;
}

/** Most keys are too short to be encoded only to be counted. */
function isTooLong(key: string): boolean {
  return key.length * UTF8_BYTES_MAX > LIMITS.keyBytesMax &&
    countUtf8(key) > LIMITS.keyBytesMax;
}
