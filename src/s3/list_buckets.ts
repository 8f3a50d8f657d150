/**
 * ListBuckets for one user: the backend lists the master's buckets; the user sees some of them, and its filter and pages
 * are made here, because the backend's would count what the user does not see.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html}.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { ListedBucket } from "./bucket_listing.ts";
import { S3Error } from "./error.ts";
import type { Owner } from "./response_documents.ts";
import { formatDocument, formatTextElement } from "./xml.ts";

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
    throw invalid("max-buckets", {
      message: `Argument max-buckets must be an integer between 1 and ${LIMITS.listBucketsMax}.`,
    });
  }
  return {
    prefix: parameters.get("prefix") ?? "",
    maxBuckets: maxBuckets === undefined ? undefined : Number(maxBuckets),
    startAfter: token === undefined ? undefined : parseToken(token),
    bucketRegion: parameters.get("bucket-region") || undefined,
    tellsRegion: parameters.size > 0,
  };
}

/** One page of the buckets that a user sees, whatever order they come in: the first of them by name. */
export class BucketPage {
  readonly #startAfter: string | undefined;
  readonly #bucketsMax: number;
  /** Sorted, but for those that came since. */
  #buckets: ListedBucket[] = [];
  /** None behind it is on the page. */
  #last: string | undefined;
  #isCut = false;

  constructor({ startAfter }: Pick<ListBucketsRequest, "startAfter">, bucketsMax: number) {
    this.#startAfter = startAfter;
    this.#bucketsMax = bucketsMax;
  }

  /** Buckets that are held now. */
  get size(): number {
    return this.#buckets.length;
  }

  /** Tells it of one. */
  add(bucket: ListedBucket): void {
    if (this.#startAfter !== undefined && bucket.name <= this.#startAfter) return;
    if (this.#last !== undefined && bucket.name > this.#last) {
      this.#isCut = true;
      return;
    }
    this.#buckets.push(bucket);
    if (this.#buckets.length >= this.#bucketsMax + LIMITS.listBucketsSpare) this.#cut();
  }

  /** Ends it: its buckets, and where the next one begins, if there is one. */
  end(): { buckets: readonly ListedBucket[]; continuationToken: string | undefined } {
    this.#cut();
    const last = this.#buckets.at(-1);
    const continuationToken = this.#isCut && last !== undefined
      ? formatToken(last.name)
      : undefined;
    return { buckets: this.#buckets, continuationToken };
  }

  #cut(): void {
    this.#buckets.sort((left, right) => left.name < right.name ? -1 : 1);
    this.#isCut ||= this.#buckets.length > this.#bucketsMax;
    this.#buckets.length = Math.min(this.#buckets.length, this.#bucketsMax);
    if (this.#buckets.length === this.#bucketsMax) this.#last = this.#buckets.at(-1)?.name;
  }
}

/** `<Bucket>`; `region` where it is to be told. */
export function formatBucket(
  { name, creationDate }: ListedBucket,
  region: string | undefined,
): string {
  return `<Bucket>${formatTextElement("Name", name)}` +
    (creationDate === "" ? "" : formatTextElement("CreationDate", creationDate)) +
    (region === undefined ? "" : formatTextElement("BucketRegion", region)) + "</Bucket>";
}

/** What stands before the buckets, and behind them. */
export function formatAround(
  { prefix }: ListBucketsRequest,
  { owner, continuationToken }: { owner: Owner; continuationToken: string | undefined },
): readonly [head: string, tail: string] {
  const identity = formatTextElement("ID", owner.id) +
    formatTextElement("DisplayName", owner.displayName);
  const content = `<Owner>${identity}</Owner><Buckets>\0</Buckets>` +
    (prefix === "" ? "" : formatTextElement("Prefix", prefix)) +
    (continuationToken === undefined
      ? ""
      : formatTextElement("ContinuationToken", continuationToken));
  const [head = "", tail = ""] = formatDocument("ListAllMyBucketsResult", content).split("\0");
  return [head, tail];
}

/** Opaque to clients; bucket names are ASCII, and anything else cannot be one. */
function formatToken(bucket: string): string {
  return btoa(bucket);
}

function parseToken(token: string): string {
  try {
    return atob(token);
  } catch (cause) {
    throw invalid("continuation-token", { cause });
  }
}

function invalid(name: string, options: { message?: string; cause?: unknown }): S3Error {
  return new S3Error("InvalidArgument", {
    message: `${name} has a value it cannot have.`,
    detail: { ArgumentName: name },
    ...options,
  });
}
