/**
 * ListBuckets for one user: the backend lists the master's buckets; the user sees some of them, and its filter and pages
 * are made here, because the backend's would count what the user does not see.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { S3Error } from "./error.ts";
import type { Owner } from "./response_documents.ts";
import { buildElement, buildRoot, childOf, childrenOf, textOf, type XmlElement } from "./xml.ts";

/** What a ListBuckets request asks for. */
export interface ListBucketsRequest {
  readonly prefix: string;
  /** `undefined`: no page, everything. */
  readonly maxBuckets: number | undefined;
  /** Name of the last bucket of the page before. */
  readonly startAfter: string | undefined;
  /** The region whose buckets are asked for. */
  readonly bucketRegion: string | undefined;
  /** Whether any parameter was given: then S3 tells each bucket's region, too. */
  readonly tellsRegion: boolean;
}

/**
 * Reads the parameters.
 * @throws {S3Error} `InvalidArgument` for `max-buckets` outside 1 … {@linkcode LIMITS.listBucketsMax} and for a
 *   `continuation-token` that is none.
 */
export function parseListBuckets(parameters: ReadonlyMap<string, string>): ListBucketsRequest {
  const maxBuckets = parameters.get("max-buckets");
  const token = parameters.get("continuation-token");
  if (
    maxBuckets !== undefined &&
    (!/^[1-9]\d{0,4}$/.test(maxBuckets) || Number(maxBuckets) > LIMITS.listBucketsMax)
  ) {
    throw invalid("max-buckets");
  }
  return {
    prefix: parameters.get("prefix") ?? "",
    maxBuckets: maxBuckets === undefined ? undefined : Number(maxBuckets),
    startAfter: token === undefined ? undefined : parseToken(token),
    bucketRegion: parameters.get("bucket-region") || undefined,
    tellsRegion: parameters.size > 0,
  };
}

/** The answer's root element: the backend's `<Bucket>` elements that `isVisible`, in their order, with their dates. */
export function buildListBuckets(
  backend: XmlElement,
  { request, isVisible, owner, region }: {
    request: ListBucketsRequest;
    isVisible: (bucket: string) => boolean;
    owner: Owner;
    /** Of every bucket, as GetBucketLocation tells it. */
    region: string;
  },
): XmlElement {
  const { prefix, maxBuckets = Infinity, startAfter, bucketRegion, tellsRegion } = request;
  const isElsewhere = bucketRegion !== undefined && bucketRegion !== region;
  const all = childrenOf(childOf(backend, "Buckets") ?? buildElement("Buckets", []))
    .map((bucket) => ({
      name: textOf(childOf(bucket, "Name")),
      date: childOf(bucket, "CreationDate"),
    }))
    .filter(({ name }) => !isElsewhere && name.startsWith(prefix) && isVisible(name))
    .sort((left, right) => left.name < right.name ? -1 : 1)
    .filter(({ name }) => startAfter === undefined || name > startAfter);
  const page = all.slice(0, maxBuckets);
  const last = page.at(-1);
  return buildRoot("ListAllMyBucketsResult", [
    buildElement("Owner", [
      buildElement("ID", owner.id),
      buildElement("DisplayName", owner.displayName),
    ]),
    buildElement(
      "Buckets",
      page.map(({ name, date }) =>
        buildElement("Bucket", [
          buildElement("Name", name),
          date,
          tellsRegion ? buildElement("BucketRegion", region) : undefined,
        ])
      ),
    ),
    prefix === "" ? undefined : buildElement("Prefix", prefix),
    last === undefined || page.length === all.length
      ? undefined
      : buildElement("ContinuationToken", formatToken(last.name)),
  ]);
}

/** Opaque to clients; bucket names are ASCII, and anything else cannot be one. */
function formatToken(bucket: string): string {
  return btoa(bucket);
}

function parseToken(token: string): string {
  try {
    return atob(token);
  } catch (cause) {
    throw invalid("continuation-token", cause);
  }
}

function invalid(name: string, cause?: unknown): S3Error {
  return new S3Error("InvalidArgument", {
    message: `${name} has a value it cannot have.`,
    detail: { ArgumentName: name },
    cause,
  });
}
