/**
 * Whether a bucket has versions, or had them: RGW 16 reads `If-Match` and `If-None-Match: *` of a PutObject wrongly there.
 * @module
 */

import { FadingMap } from "../lib/fading_map.ts";
import { LIMITS } from "../limits.ts";
import { discardBody } from "../respond.ts";
import { S3Error } from "../s3/error.ts";
import type { BucketName } from "../s3/names.ts";
import { childOf } from "../s3/xml.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { readBackendXml } from "./respond_rewritten.ts";

/** Answers of the backend, up to a minute old. One that is no longer true can refuse a write, and never allows one. */
export class BucketVersions {
  readonly #known = new FadingMap<BucketName, boolean>(LIMITS.bucketVersionsHeld);

  /**
   * Asks the backend, unless it has answered within {@linkcode LIMITS.bucketVersionsMs}.
   * @throws {S3Error} `SlowDown` where it is too busy to tell: 412 for a write that should be is success to aws-cli.
   */
  async has(
    bucket: BucketName,
    { authorized, exchange }: { authorized: Authorized; exchange: Exchange },
  ): Promise<boolean> {
    const known = this.#known.get(bucket);
    if (known !== undefined) return known;
    const has = await askVersions(bucket, { authorized, exchange });
    this.#known.set(bucket, { value: has, lifetimeMs: LIMITS.bucketVersionsMs });
    return has;
  }
}

async function askVersions(
  bucket: BucketName,
  { authorized, exchange }: { authorized: Authorized; exchange: Exchange },
): Promise<boolean> {
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(authorized.request),
    method: "GET",
    resource: { level: "bucket", bucket },
    headers: new Map(),
    parameters: new Map([["versioning", ""]]),
  });
  if (response.status !== 200) {
    await discardBody(response);
    if (response.status === 429 || response.status === 503) throw new S3Error("SlowDown");
    return false;
  }
  try {
    // `Status` stands there once versions were enabled, and says whether they still are.
    const root = await readBackendXml(response, { bytesMax: LIMITS.backendErrorBytesMax });
    return childOf(root, "Status") !== undefined;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return false; // a backend that does not tell has none
  }
}
