/**
 * What a check of the backend asks about buckets: where they lie, and which of the file's are there.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { type BucketName, parseBucketName } from "../s3/names.ts";
import { textOf } from "../s3/xml.ts";
import { askBackend, type AskOptions, readDocument } from "./ask_backend.ts";
import { explainFailure, type Finding, ok, warn } from "./finding.ts";

/** How a backend is checked. */
export interface BackendCheckOptions extends AskOptions {
  /** Buckets to look for, of which {@linkcode LIMITS.bucketsCheckedMax} may cost a request; `undefined`: only the one request. */
  readonly buckets: readonly BucketName[] | undefined;
}

/**
 * Whether buckets can be made in the region that the file says: CreateBucket names it to the backend, unless it is us-east-1. The
 * location of a bucket tells what the backend calls its own.
 */
export async function checkRegion(
  buckets: ReadonlySet<string>,
  options: BackendCheckOptions,
): Promise<Finding> {
  const { region } = options.credentials;
  const accepted = ok("region", `${region} is accepted`);
  const [bucket] = buckets;
  if (region === "us-east-1" || bucket === undefined) return accepted;
  const location = await readLocation(bucket, options);
  if (location === undefined || location === region) return accepted;
  return warn("region", {
    setting: "master_credentials.region",
    message:
      `bucket ${bucket} lies in "${location}", and new ones would be asked for in "${region}": ` +
      `set "${location}", or us-east-1, for which no place is named`,
  });
}

async function readLocation(
  name: string,
  options: BackendCheckOptions,
): Promise<string | undefined> {
  try {
    const bucket = parseBucketName(name, { relaxed: true, reserved: new Set() });
    const resource = { level: "bucket", bucket } as const;
    const parameters = new Map([["location", ""]]);
    const reply = await askBackend({ method: "GET", resource, parameters }, options);
    const root = readDocument(reply.text);
    const location = root?.name === "LocationConstraint" ? textOf(root) : "";
    return location || undefined;
  } catch {
    return undefined; // the answer to ListBuckets was good: nothing is wrong with the backend
  }
}

/** Which of the file's buckets the key may reach; `listed` are those that the key owns, where that is known. */
export async function checkBuckets(
  listed: ReadonlySet<string> | undefined,
  options: BackendCheckOptions,
): Promise<Finding[]> {
  const { buckets } = options;
  const count = listed === undefined ? "" : `may list buckets, ${listed.size} are there`;
  if (buckets === undefined) return count === "" ? [] : [ok("rights", count)];
  const missing = buckets.filter((bucket) => listed?.has(bucket) !== true);
  const findings: Finding[] = [];
  for (const bucket of missing.slice(0, LIMITS.bucketsCheckedMax)) {
    const finding = await checkBucket(bucket, options);
    if (finding !== undefined) findings.push(finding);
  }
  const named = `${buckets.length - missing.length} of the ${buckets.length} that the file names`;
  return [...count === "" ? [] : [ok("rights", `${count}, among them ${named}`)], ...findings];
}

async function checkBucket(
  bucket: BucketName,
  options: BackendCheckOptions,
): Promise<Finding | undefined> {
  try {
    const resource = { level: "bucket", bucket } as const;
    const { status } = await askBackend({ method: "HEAD", resource }, options);
    if (status === 404) {
      return warn("rights", { setting: "users", message: `bucket ${bucket} is not there yet` });
    }
    if (status >= 400) {
      const message = `the key may not look at bucket ${bucket} (${status})`;
      return warn("rights", { setting: "master_credentials", message });
    }
    return ok("rights", `may look at bucket ${bucket}`);
  } catch (error) {
    return explainFailure(error); // of a connection that came to nothing after one that did not
  }
}
