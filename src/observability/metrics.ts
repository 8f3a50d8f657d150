/**
 * The metrics of requests, with the names and labels of the Go predecessor: one set for each thread that answers them.
 * See {@link https://prometheus.io/docs/practices/naming/}.
 * @module
 */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { isCutShort, type RequestFacts } from "./access_log.ts";
import { type MetricsReading, readRegistry } from "./exposition.ts";
import {
  AUTH_ERROR_REASONS,
  BucketLabels,
  formatMethodLabel,
  formatReasonLabel,
  type LimitName,
  OTHER,
  SeriesCache,
} from "./metric_labels.ts";

/** What {@linkcode Metrics} asks its thread for, at every scrape. */
export interface ThreadFacts {
  readonly eventLoopLagSeconds: () => number;
  readonly heapBytes: () => number;
  /** Of its pool, since it began. */
  readonly piecesTaken: () => number;
  readonly piecesGiven: () => number;
}

/** From 1 ms, what a HEAD costs, to 5 min, a large object on a slow line. */
// deno-fmt-ignore
const BOUNDS_SECONDS = [
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

type RequestLabels = readonly [method: string, code: string, bucket: string, user: string];
type DenialLabels = readonly [bucket: string, user: string];

/** What one finished request counts into. */
interface RequestSeries {
  readonly requests: Tally;
  readonly duration: Histogram.Internal<string>;
  readonly backendLatency: Histogram.Internal<string>;
  readonly bytesIn: Tally;
  readonly bytesOut: Tally;
}

/** A number that a counter is told when it is asked for: its own step looks for its labels by name. */
class Tally {
  readonly #counter: Counter.Internal;
  #count = 0;

  constructor(counter: Counter.Internal) {
    this.#counter = counter;
  }

  add(count: number): void {
    this.#count += count;
  }

  flush(): void {
    if (this.#count > 0) this.#counter.inc(this.#count);
    this.#count = 0;
  }
}

/** Counts what happens. Recording takes about 2 µs, never blocks, and the series are bounded. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #buckets = new BucketLabels();
  /** A number, told when it is asked for: prom-client's own steps cost a small request 6 µs. */
  #inFlight = 0;
  readonly #authErrors = this.#counter("s3_proxy_auth_errors_total", {
    help: "Requests refused because it was not proven who sent them, or what.",
    labelNames: ["reason"],
  });
  readonly #limitedSeries = this.#createLimitedSeries();
  readonly #requestSeries = this.#createRequestSeries();
  readonly #denialSeries = this.#createDenialSeries();

  constructor({ eventLoopLagSeconds, heapBytes, piecesTaken, piecesGiven }: ThreadFacts) {
    for (const reason of AUTH_ERROR_REASONS) this.#authErrors.inc({ reason }, 0);
    new Counter({
      name: "s3_proxy_buffer_pool_requests_total",
      help: "Pieces of memory taken (get) for what goes through sockets, and given back (put).",
      labelNames: ["action"],
      registers: [this.#registry],
      collect: function (): void {
        this.reset();
        this.inc({ action: "get" }, piecesTaken());
        this.inc({ action: "put" }, piecesGiven());
      },
    });
    const inFlight = (): number => this.#inFlight;
    new Gauge({
      name: "s3_proxy_in_flight_requests",
      help: "Requests being answered now.",
      registers: [this.#registry],
      collect: function (): void {
        this.set(inFlight());
      },
    });
    new Gauge({
      name: "s3_proxy_event_loop_lag_seconds",
      help: "Largest delay of a timer in the last 30 to 60 seconds, in the busiest thread.",
      aggregator: "max",
      registers: [this.#registry],
      collect: function (): void {
        this.set(eventLoopLagSeconds());
      },
    });
    new Gauge({
      name: "process_heap_bytes",
      help: "JavaScript heap in use, of all threads that answer requests.",
      registers: [this.#registry],
      collect: function (): void {
        this.set(heapBytes());
      },
    });
  }

  /** All of them, to be merged with those of other threads. */
  async read(): Promise<MetricsReading> {
    this.#requestSeries.forEach(({ requests, bytesIn, bytesOut }) => {
      for (const tally of [requests, bytesIn, bytesOut]) tally.flush();
    });
    return await readRegistry(this.#registry);
  }

  /** Bucket names of the configuration; each may be a label. */
  configureBuckets(names: Iterable<string>): void {
    this.#buckets.configure(names);
  }

  /** A request's head was read. */
  requestStarted(): void {
    this.#inFlight++;
  }

  /** Its response ended, in whatever way. */
  requestEnded(): void {
    this.#inFlight--;
  }

  /** Counts a finished request. */
  recordRequest(facts: RequestFacts): void {
    const { userLabel: user = facts.user, bucket, status } = facts;
    // A preflight succeeds for any bucket, and nobody has to sign it.
    if (bucket !== undefined && user !== undefined && status >= 200 && status < 300) {
      this.#buckets.learn(bucket);
    }
    const method = formatMethodLabel(facts.method);
    const code = String(status);
    const series = this.#requestSeries.get(
      [method, code, this.#buckets.format(bucket), user ?? ""],
      [method, code, OTHER, OTHER],
    );
    series.requests.add(1);
    series.duration.observe(facts.durationSeconds);
    if (facts.backendLatencySeconds !== undefined) {
      series.backendLatency.observe(facts.backendLatencySeconds);
    }
    if (isCutShort(facts.code)) return;
    if (isByteCount(facts.bytesIn)) series.bytesIn.add(facts.bytesIn);
    if (isByteCount(facts.bytesOut)) series.bytesOut.add(facts.bytesOut);
  }

  /** Counts a request not proven genuine, by one of {@linkcode AUTH_ERROR_REASONS}. */
  authError(reason: string | undefined): void {
    this.#authErrors.inc({ reason: formatReasonLabel(reason) });
  }

  /** Counts a request that `user` was not allowed to make. */
  rbacDenied(user: string, bucket: string | undefined): void {
    this.#denialSeries.get([this.#buckets.format(bucket), user], [OTHER, OTHER]).inc(1);
  }

  /** Counts a request of `user` that was refused, or slowed down, for a limit. */
  limited(user: string, limit: LimitName): void {
    this.#limitedSeries.get([user, limit], [OTHER, limit]).inc(1);
  }

  #createRequestSeries(): SeriesCache<RequestLabels, RequestSeries> {
    const requests = this.#counter("s3_proxy_requests_total", {
      help: "Requests answered.",
      labelNames: [
        "method",
        "code",
        "bucket",
        "user",
      ],
    });
    const duration = this.#latency(
      "s3_proxy_request_duration_seconds",
      "From a request's head to the end of its response.",
    );
    const backendLatency = this.#latency(
      "s3_proxy_backend_latency_seconds",
      "From sending a request to the head of the backend's response.",
    );
    const transferred = this.#counter("s3_proxy_data_transfer_bytes_total", {
      help: "Body bytes of requests (in) and responses (out).",
      labelNames: ["direction", "user", "bucket"],
    });
    return new SeriesCache(([method, code, bucket, user]) => ({
      requests: new Tally(requests.labels({ method, code, bucket, user })),
      duration: duration.labels({ method, bucket }),
      backendLatency: backendLatency.labels({ method, bucket }),
      bytesIn: new Tally(transferred.labels({ direction: "in", user, bucket })),
      bytesOut: new Tally(transferred.labels({ direction: "out", user, bucket })),
    }));
  }

  #createLimitedSeries(): SeriesCache<readonly [user: string, limit: LimitName], Counter.Internal> {
    const limited = this.#counter("s3_proxy_limited_total", {
      help: "Requests refused with SlowDown, and bodies that had to wait, by the limit.",
      labelNames: ["user", "limit"],
    });
    return new SeriesCache(([user, limit]) => limited.labels({ user, limit }));
  }

  #createDenialSeries(): SeriesCache<DenialLabels, Counter.Internal> {
    const denied = this.#counter("s3_proxy_rbac_denied_total", {
      help: "Requests refused because their user may not make them.",
      labelNames: ["user", "bucket"],
    });
    return new SeriesCache(([bucket, user]) => denied.labels({ user, bucket }));
  }

  #counter<Label extends string>(
    name: string,
    { help, labelNames }: { help: string; labelNames: Label[] },
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #latency(name: string, help: string): Histogram<"method" | "bucket"> {
    const labelNames = ["method", "bucket"] as const;
    const registers = [this.#registry];
    return new Histogram({ name, help, labelNames, buckets: BOUNDS_SECONDS, registers });
  }
}

/** A length that a peer announced may be anything; a counter takes only what it can add. */
function isByteCount(bytes: number | undefined): bytes is number {
  return bytes !== undefined && Number.isSafeInteger(bytes) && bytes > 0;
}
