/**
 * ListBuckets: the backend lists the master's buckets; a user sees those that its rules touch. The list streams, in the
 * backend's order; only a page of a number that was asked for is held, for it has to be the first of them by name.
 * @module
 */

import { type ByteSource, openSource } from "../lib/byte_source.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
import { LIMITS } from "../limits.ts";
import { touchesBucket } from "../iam/whole_bucket.ts";
import { type Answer, respondWithFailure } from "../respond.ts";
import { BucketListingReader, type ListedBucket } from "../s3/bucket_listing.ts";
import { S3Error } from "../s3/error.ts";
import {
  BucketPage,
  formatAround,
  formatBucket,
  type ListBucketsRequest,
  parseListBuckets,
} from "../s3/list_buckets.ts";
import { type BucketName, type BucketNameRules, parseBucketName } from "../s3/names.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { selectDocumentHeaders } from "./respond_rewritten.ts";
import { type Authorized, buildBackendRequest, type Exchange } from "./exchange.ts";
import { buildOwner } from "./respond_by_operation.ts";
import { respondWithPieces } from "./respond_streamed.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Buckets that are written in one step. */
const WRITTEN_AT_ONCE = 100;

/** What one list is made by. */
interface BucketListOptions {
  readonly asked: ListBucketsRequest;
  readonly authorized: Authorized;
  readonly bucketNames: BucketNameRules;
  /** Of every bucket, as GetBucketLocation tells it. */
  readonly region: string;
}

/** Answers it. @throws {S3Error} `InvalidArgument` for its parameters; those of the backend. */
export async function answerListBuckets(
  authorized: Authorized,
  { exchange, bucketNames, region }: {
    exchange: Exchange;
    bucketNames: BucketNameRules;
    region: string;
  },
): Promise<Answer> {
  const { request } = authorized;
  const { context } = exchange;
  const asked = parseListBuckets(request.parameters);
  const response = await exchange.send(authorized, {
    ...buildBackendRequest(request),
    parameters: new Map(),
  });
  if (response.status !== 200) return await respondWithFailure(response, context);
  const list = new BucketList(response, { asked, authorized, bucketNames, region });
  const headers = selectDocumentHeaders(response);
  return await respondWithPieces(
    { pieces: list.write(), cancel: () => list.cancel() },
    { context, headers },
  );
}

class BucketList {
  readonly #source: ByteSource | undefined;
  readonly #reader = new BucketListingReader();
  readonly #options: BucketListOptions;

  constructor({ body }: BackendResponse, options: BucketListOptions) {
    this.#source = body === null ? undefined : openSource(body);
    this.#options = options;
  }

  cancel(): void {
    this.#source?.cancel();
  }

  async *write(): AsyncGenerator<Bytes, void> {
    const { asked, authorized: { authenticated: { identity } }, region } = this.#options;
    const { maxBuckets, startAfter = "" } = asked;
    const owner = buildOwner(identity);
    const toldRegion = asked.tellsRegion ? region : undefined;
    const format = (buckets: readonly ListedBucket[]): Bytes =>
      encodeUtf8(buckets.map((bucket) => formatBucket(bucket, toldRegion)).join(""));
    if (maxBuckets === undefined) {
      const [head, tail] = formatAround(asked, { owner, continuationToken: undefined });
      yield encodeUtf8(head);
      for await (const buckets of this.#read()) {
        yield format(buckets.filter(({ name }) => name > startAfter));
      }
      yield encodeUtf8(tail);
      return;
    }
    const page = new BucketPage(asked, maxBuckets);
    for await (const buckets of this.#read()) for (const bucket of buckets) page.add(bucket);
    const { buckets, continuationToken } = page.end();
    const [head, tail] = formatAround(asked, { owner, continuationToken });
    yield encodeUtf8(head);
    for (let at = 0; at < buckets.length; at += WRITTEN_AT_ONCE) {
      yield await THREAD_TURNS.step(() => format(buckets.slice(at, at + WRITTEN_AT_ONCE)));
    }
    yield encodeUtf8(tail);
  }

  /** What the user sees of the backend's. @throws {S3Error} `BadGateway` for what is no such document. */
  async *#read(): AsyncGenerator<ListedBucket[], void> {
    const piece = new Uint8Array(LIMITS.documentPieceBytes);
    for (;;) {
      const length = await this.#source?.read(piece) ?? 0;
      if (length === 0) break;
      yield await THREAD_TURNS.step(() =>
        this.#reader.push(piece.subarray(0, length)).filter((bucket) => this.#isShown(bucket))
      );
      const { rootName } = this.#reader;
      if (rootName !== undefined && rootName !== "ListAllMyBucketsResult") {
        throw new S3Error("BadGateway", { reason: "response_not_expected" });
      }
    }
    this.#reader.finish();
  }

  #isShown({ name }: ListedBucket): boolean {
    const { asked: { prefix, bucketRegion }, region } = this.#options;
    if (bucketRegion !== undefined && bucketRegion !== region) return false;
    const { bucketNames, authorized: { authenticated, requestContext: context } } = this.#options;
    const bucket = name.startsWith(prefix) ? tryParseBucketName(name, bucketNames) : undefined;
    return bucket !== undefined &&
      touchesBucket(authenticated.identity.policy, { bucket, context });
  }
}

/** A bucket of the backend that could not be asked for here is not shown either. */
function tryParseBucketName(name: string, rules: BucketNameRules): BucketName | undefined {
  try {
    return parseBucketName(name, rules);
  } catch {
    return undefined;
  }
}
