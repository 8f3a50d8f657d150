/**
 * The rules for a cross-origin request: those of the configuration, or, where it has none for the bucket, the bucket's
 * own. Preflights are anonymous, and may be for any name: what they make this program ask of the backend is bounded in
 * number and rate, remembered, and asked once for all that wait.
 * @module
 */

import { networkOf } from "../iam/ip_range.ts";
import { monotonicMs } from "../lib/clock.ts";
import { FadingMap } from "../lib/fading_map.ts";
import type { ShareUser } from "../lib/share.ts";
import type { SharedMemory } from "../lib/shared_memory.ts";
import { takeToken } from "../lib/token_bucket.ts";
import { LIMITS } from "../limits.ts";
import { discardBody } from "../respond.ts";
import type { Addressing } from "../s3/addressing.ts";
import { parseBucketCors } from "../s3/bucket_cors.ts";
import { type CorsRule, decidesFor, findCorsBucket } from "../s3/cors.ts";
import { S3Error } from "../s3/error.ts";
import type { BucketName } from "../s3/names.ts";
import type { OperationName } from "../s3/operation_table.ts";
import type { RawRequest, S3Request } from "../s3/request.ts";
import { UNSIGNED_PAYLOAD } from "../sigv4/content_sha256.ts";
import { type Backend, sendToBackend } from "../upstream/backend.ts";
import { readBackendXml } from "./respond_rewritten.ts";

type Rules = readonly CorsRule[];

/** What {@linkcode BucketCors.listRules} is told. */
export interface CorsOptions {
  readonly corsRules: Rules;
  readonly requestRules: Addressing;
  readonly backend: Backend;
  readonly now: Date;
}

interface Entry {
  readonly rules: Rules;
  /** Of the bucket, before it was asked for. */
  readonly changes: number;
}

const CHANGING: ReadonlySet<OperationName> = new Set<OperationName>([
  "CreateBucket",
  "DeleteBucket",
  "DeleteBucketCors",
  "PutBucketCors",
]);
const NONE: Rules = [];

/** Buckets' own rules, as one thread knows them. */
export class BucketCors {
  readonly #memory: SharedMemory;
  readonly #entries = new FadingMap<BucketName, Entry>(LIMITS.bucketCorsEntriesMax);
  readonly #lookups = new Map<BucketName, Promise<Rules>>();
  #tokens: number = LIMITS.bucketCorsLookupsPerSecondMax;
  #tokensAtMs = 0;
  /** Requests that wait for an answer, and of which nobody is proven yet. */
  #waiting = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /**
   * The rules that `raw` is under. A request that no page sends, or that the configuration has a rule for, asks nobody.
   * @throws {S3Error} `SlowDown` for a preflight, where too many ask for buckets that are not known yet.
   */
  listRules(raw: RawRequest, options: CorsOptions): Rules | Promise<Rules> {
    const { corsRules, requestRules } = options;
    const bucket = findCorsBucket(raw, requestRules);
    const origin = raw.headers.get("origin");
    if (bucket === undefined || decidesFor(corsRules, { bucket, origin })) return corsRules;
    return this.#find(bucket) ?? this.#ask(raw, { bucket, options });
  }

  async #ask(
    raw: RawRequest,
    { bucket, options }: { bucket: BucketName; options: CorsOptions },
  ): Promise<Rules> {
    // Only a preflight is about CORS alone, and holds a slot while it waits.
    const isPreflight = raw.method === "OPTIONS";
    if (!isPreflight && this.#waiting >= LIMITS.bucketCorsWaitersMax) return NONE;
    this.#waiting++;
    try {
      return await (this.#lookups.get(bucket) ?? this.#lookUp(bucket, { raw, options }));
    } catch (error) {
      if (isPreflight || !(error instanceof S3Error)) throw error;
      return NONE;
    } finally {
      this.#waiting--;
    }
  }

  /** `request` was answered: what it has changed is asked for anew, in every thread. */
  answered({ operation: { name }, resource }: S3Request): void {
    if (!CHANGING.has(name) || resource.level === "service") return;
    this.#memory.announceCorsChange(resource.bucket);
  }

  #find(bucket: BucketName): Rules | undefined {
    const entry = this.#entries.get(bucket);
    return entry?.changes === this.#memory.corsChanges(bucket) ? entry.rules : undefined;
  }

  #lookUp(
    bucket: BucketName,
    { raw, options }: { raw: RawRequest; options: CorsOptions },
  ): Promise<Rules> {
    const isFull = this.#lookups.size >= LIMITS.bucketCorsLookupsMax;
    if (isFull || !this.#mayAsk(raw) || !this.#takeToken()) {
      throw new S3Error("SlowDown", { reason: "bucket_cors" });
    }
    const changes = this.#memory.corsChanges(bucket);
    const lookup = askForRules(bucket, options).then(
      (rules) =>
        this.#remember(bucket, { rules, changes, lifetimeMs: LIMITS.bucketCorsLifetimeMs }),
      (error) => {
        if (!(error instanceof S3Error)) throw error;
        this.#remember(bucket, { rules: NONE, changes, lifetimeMs: LIMITS.bucketCorsFailureMs });
        return NONE;
      },
    ).finally(() => this.#lookups.delete(bucket));
    this.#lookups.set(bucket, lookup);
    return lookup;
  }

  #remember(
    bucket: BucketName,
    { rules, changes, lifetimeMs }: { rules: Rules; changes: number; lifetimeMs: number },
  ): Rules {
    this.#entries.set(bucket, { value: { rules, changes }, lifetimeMs });
    return rules;
  }

  /** Whether the client's address has not asked for too many already. */
  #mayAsk({ clientAddress }: RawRequest): boolean {
    const memory = this.#memory;
    return takeToken(memory, {
      cell: memory.userCell(networkOf(clientAddress)),
      kind: "corsLookupsOfAddress",
      perSecond: LIMITS.bucketCorsLookupsOfAddressPerSecondMax,
      burst: LIMITS.bucketCorsLookupsOfAddressBurst,
    }) === 0;
  }

  #takeToken(): boolean {
    const nowMs = monotonicMs();
    const perSecond = LIMITS.bucketCorsLookupsPerSecondMax;
    this.#tokens = Math.min(
      perSecond,
      this.#tokens + (nowMs - this.#tokensAtMs) / 1000 * perSecond,
    );
    this.#tokensAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Look-ups share connections as if one user made them; no user has this name. */
const STRANGERS: ShareUser = { name: "", ownMax: undefined };

/** Asks the backend; for a bucket without rules, and for none, there are none. */
async function askForRules(bucket: BucketName, { backend, now }: CorsOptions): Promise<Rules> {
  const upstream = await sendToBackend({
    method: "GET",
    resource: { level: "bucket", bucket },
    parameters: new Map([["cors", ""]]),
    headers: new Map(),
    payloadHash: UNSIGNED_PAYLOAD,
    body: { kind: "none" },
    bytes: 0,
  }, {
    backend,
    user: STRANGERS,
    now,
    bodyRead: undefined,
    // Others may wait for the same: it does not end with one client.
    client: { clientGone: () => new AbortController().signal },
  });
  try {
    const { response } = upstream;
    if (response.status === 200) {
      return parseBucketCors(
        await readBackendXml(response, { bytesMax: LIMITS.bucketCorsBytesMax }),
      );
    }
    await discardBody(response);
    if (response.status === 404) return NONE;
    throw new S3Error("BadGateway", {
      reason: `cannot tell the bucket's rules: ${response.status}`,
    });
  } finally {
    upstream.finished();
  }
}
