/**
 * Which bucket and key a request is about: path-style (`/bucket/key`) or virtual-host style (`bucket.domain/key`).
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html}.
 * @module
 */

import { S3Error } from "./error.ts";
import {
  type BucketName,
  type BucketNameRules,
  type KeyRules,
  type ObjectKey,
  parseBucketName,
  parseObjectKey,
} from "./names.ts";
import type { RequestTarget } from "./target.ts";

/** What a request is about. */
export type Resource =
  | { readonly level: "service" }
  | { readonly level: "bucket"; readonly bucket: BucketName }
  | { readonly level: "object"; readonly bucket: BucketName; readonly key: ObjectKey };

/** How hosts and bucket names are read; from the configuration. */
export interface Addressing {
  /** Domains under which a host's first labels are a bucket, lower case: `s3.example.com`. */
  readonly virtualHostDomains: readonly string[];
  readonly bucketNames: BucketNameRules;
}

// RFC 3986 §3.2.2, without userinfo: a name or IPv4 address, or a bracketed IPv6 address, and a port.
const AUTHORITY = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

const SERVICE: Resource = { level: "service" };

/** The last authority that was read: the next request has mostly the same. */
let last: Authority | undefined;

/** An authority, read. */
interface Authority {
  readonly text: string;
  readonly domains: readonly string[];
  readonly bucket: string | undefined;
}

/**
 * Finds the resource. Only `authority` counts; `X-Forwarded-Host` is never looked at. A host outside
 * `virtualHostDomains` (an IP address, a service name) is path-style.
 * @throws {S3Error} `InvalidRequest` for a malformed authority; `InvalidBucketName`, `InvalidURI` and
 *   `KeyTooLongError` from the names' parsers.
 */
export function parseResource(
  target: RequestTarget,
  { authority, addressing }: { authority: string; addressing: Addressing },
): Resource {
  const hostedBucket = parseHostedBucket(authority, addressing.virtualHostDomains);
  if (hostedBucket !== undefined) {
    const bucket = parseBucketName(hostedBucket, addressing.bucketNames);
    return bucketOrObject(bucket, { key: target.path.slice(1), rules: addressing.bucketNames });
  }
  if (target.path === "/") return SERVICE;
  if (target.firstSegment === "") throw new S3Error("InvalidURI");
  const bucket = parseBucketName(target.firstSegment, addressing.bucketNames);
  const key = target.afterFirstSegment;
  return bucketOrObject(bucket, { key, rules: addressing.bucketNames });
}

function bucketOrObject(
  bucket: BucketName,
  { key, rules }: { key: string; rules: KeyRules },
): Resource {
  return key === ""
    ? { level: "bucket", bucket }
    : { level: "object", bucket, key: parseObjectKey(key, rules) };
}

/** The labels before a configured domain, or `undefined` where the host is such a domain itself or none. */
function parseHostedBucket(authority: string, domains: readonly string[]): string | undefined {
  if (last?.text !== authority || last.domains !== domains) {
    last = { text: authority, domains, bucket: readHostedBucket(authority, domains) };
  }
  return last.bucket;
}

function readHostedBucket(authority: string, domains: readonly string[]): string | undefined {
  const [, host] = AUTHORITY.exec(authority) ?? [];
  if (host === undefined) {
    throw new S3Error("InvalidRequest", { message: "The Host header is missing or malformed." });
  }
  const name = host.toLowerCase().replace(/\.$/, "");
  for (const domain of domains) {
    if (name === domain) return undefined;
    if (name.endsWith(`.${domain}`)) return name.slice(0, -domain.length - 1);
  }
  return undefined;
}
