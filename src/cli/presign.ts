/**
 * `s3-proxy presign`: a URL for somebody without a key.
 * @module
 */

import type { Config } from "../config/config.ts";
import { parseBucketName, parseObjectKey } from "../s3/names.ts";
import { S3Error } from "../s3/error.ts";
import { createRequestRules } from "../server/snapshot.ts";
import { presignUrl } from "../sigv4/presign.ts";
import { findUser } from "./find_user.ts";
import { UsageError } from "./usage_error.ts";

/** What the URL is to allow. */
export interface PresignRequest {
  /** Name of a user. */
  readonly user: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly expiresSeconds: number;
  readonly endpoint: Readonly<URL>;
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/**
 * The URL, signed at `now` with the user's longest valid key; whether the user has the right is decided when it is used.
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
