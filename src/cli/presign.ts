/**
 * `s3-proxy presign`: a URL for somebody without a key.
 * @module
 */

import type { Config } from "../config/config.ts";
import { parseBucketName, parseObjectKey } from "../s3/names.ts";
import { S3Error } from "../s3/error.ts";
import { createRequestRules } from "../stages/request_rules.ts";
import { presignUrl } from "../sigv4/presign.ts";
import { explain } from "../explain/explain.ts";
import { findUser } from "../explain/find_user.ts";
import { UsageError } from "../explain/usage_error.ts";

/** What the URL is to allow. */
export interface PresignRequest {
  /** Name of a user, or an access key. */
  readonly user: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly expiresSeconds: number;
  readonly endpoint: Readonly<URL>;
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/**
 * The URL, signed at `now` with the user's longest valid key; whether the user has the right is decided when it is used, and told by
 * {@linkcode explainPresigned}.
 * @throws {UsageError} For a user without a valid key, another method, and names that S3 does not have.
 */
export function presign(
  config: Config,
  { request, now }: { request: PresignRequest; now: Date },
): string {
  const { user, key } = findUser(config, { name: request.user, now });
  if (key === undefined) throw new UsageError(`User "${user.name}" has no valid key`);
  if (!METHODS.has(request.method)) {
    throw new UsageError(`Cannot presign ${request.method}, expected GET, HEAD, PUT or DELETE`);
  }
  return presignUrl({
    ...request,
    path: readPath(config, request),
    credentials: { ...key, region: config.server.region ?? config.masterCredentials.region },
    now,
  });
}

/**
 * Why the proxy would refuse `url` now, if a request with it came from this machine; `undefined` where it would not, or
 * where the user may come from other addresses only.
 */
export function explainPresigned(
  config: Config,
  { url, request, now }: { url: string; request: PresignRequest; now: Date },
): string | undefined {
  const { endpoint, method, user } = request;
  const { allowed, lines } = explain(config, {
    question: {
      who: { kind: "user", name: user },
      method,
      target: url.slice(endpoint.origin.length),
      headers: new Map([["host", endpoint.host]]),
      clientAddress: "127.0.0.1",
      scheme: endpoint.protocol === "https:" ? "https" : "http",
    },
    now,
  });
  if (allowed) return undefined;
  const decision = lines.findLast((line) => line.startsWith("decision"))?.replace(
    /^decision\s+/,
    "",
  );
  return decision?.includes("(source_ip)") ? undefined : decision;
}

function readPath(config: Config, { bucket, key }: PresignRequest): string {
  try {
    const name = parseBucketName(bucket, createRequestRules(config).bucketNames);
    return `/${name}/${parseObjectKey(key, { dotSegments: true })}`;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    throw new UsageError(`Cannot presign s3://${bucket}/${key}: ${error.message}`, {
      cause: error,
    });
  }
}
