/**
 * Labels a client cannot invent: from a closed list, the configuration, or a bounded set.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** Stands for every value that has no label of its own. */
export const OTHER = "other";

/** Why authentication failed: values of `reason` in `s3_proxy_auth_errors_total`. */
export const AUTH_ERROR_REASONS = [
  "signature_mismatch",
  "clock_skew",
  "missing_credentials",
  "unknown_access_key",
  "inactive_access_key",
  "expired",
  "malformed",
  "unsupported_algorithm",
  "wrong_scope",
  "session_token",
  "session_over",
  "token_expired",
  "token_invalid",
  "token_malformed",
  "wrong_signature",
  "unknown_issuer",
  "wrong_audience",
  "unknown_key",
  "not_yet_valid",
  "not_trusted",
  "no_such_role",
  "identity_provider_unreachable",
  "unsigned_header",
  "content_sha256_mismatch",
  "chunk_signature_mismatch",
  "checksum_mismatch",
  "source_ip",
  OTHER,
] as const;

/** One of {@linkcode AUTH_ERROR_REASONS}. */
export type AuthErrorReason = typeof AUTH_ERROR_REASONS[number];

/** The limits of one user, or of all: values of `limit` in `s3_proxy_limited_total`, and of `reason` in the log. */
export const LIMIT_NAMES = [
  "max_concurrent_requests",
  "requests_per_second",
  "bytes_per_second_in",
  "bytes_per_second_out",
  "min_bytes_per_second",
  "share_of_requests",
  "in_flight_requests",
  "connections",
  "upload_slots",
  "unauthenticated_requests",
  "sts_requests_of_address",
  "sts_tokens_of_issuer",
] as const;

/** One of {@linkcode LIMIT_NAMES}. */
export type LimitName = typeof LIMIT_NAMES[number];

/** Whether a request failed for a limit. */
export function isLimitName(reason: string | undefined): reason is LimitName {
  const names: readonly (string | undefined)[] = LIMIT_NAMES;
  return names.includes(reason);
}

/** Limits that all users share: once one is reached, nobody is served. */
const LIMITS_OF_ALL: ReadonlySet<LimitName> = new Set<LimitName>([
  "connections",
  "in_flight_requests",
]);

/** Whether a request failed for a limit of its own user, or of strangers, so that others are served meanwhile. */
export function isOwnLimit(reason: string | undefined): boolean {
  return isLimitName(reason) && !LIMITS_OF_ALL.has(reason);
}

const REASONS: ReadonlySet<string> = new Set(AUTH_ERROR_REASONS);
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]);

/** Whether a request that failed for `reason` was not proven genuine. */
export function isAuthErrorReason(reason: string | undefined): reason is string {
  return reason !== undefined && REASONS.has(reason);
}

/** `reason` if it is one of {@linkcode AUTH_ERROR_REASONS}, else {@linkcode OTHER}. */
export function formatReasonLabel(reason: string | undefined): string {
  return isAuthErrorReason(reason) ? reason : OTHER;
}

/** `method` if it is one that S3 or CORS uses, else {@linkcode OTHER}. */
export function formatMethodLabel(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}

/** Bucket names that are labels: configured ones, and the first that a user was seen to reach. */
export class BucketLabels {
  #configured: ReadonlySet<string> = new Set();
  readonly #seen = new Set<string>();

  /** Replaces the configured names; those with `*` or `?` in them are patterns and never match. */
  configure(names: Iterable<string>): void {
    this.#configured = new Set(names);
  }

  /** Remembers up to {@linkcode LIMITS.metricsSeenBucketsMax} names that are known to exist. */
  learn(name: string): void {
    if (this.#configured.has(name) || this.#seen.size >= LIMITS.metricsSeenBucketsMax) return;
    this.#seen.add(name);
  }

  /** `name` if it is known, {@linkcode OTHER} if not, empty at service level. */
  format(name: string | undefined): string {
    if (name === undefined) return "";
    return this.#configured.has(name) || this.#seen.has(name) ? name : OTHER;
  }
}

/** What each combination of labels counts into: made once, not looked up by prom-client. */
export class SeriesCache<Labels extends readonly string[], Series> {
  readonly #series = new Map<string, Series>();
  readonly #create: (labels: Labels) => Series;
  /** What was asked for last, which is often asked for again: joining labels costs more than comparing them. */
  #last: { readonly labels: Labels; readonly series: Series } | undefined;

  constructor(create: (labels: Labels) => Series) {
    this.#create = create;
  }

  /**
   * The series of `labels`. Once there are {@linkcode LIMITS.metricsSeriesMax}, a new combination
   * counts into that of `overflow`, whose values must be few.
   */
  get(labels: Labels, overflow: Labels): Series {
    if (this.#last !== undefined && areAlike(this.#last.labels, labels)) return this.#last.series;
    const series = this.#find(labels) ??
      (this.#series.size < LIMITS.metricsSeriesMax
        ? this.#add(labels)
        : this.#find(overflow) ?? this.#add(overflow));
    this.#last = { labels, series };
    return series;
  }

  /** Calls `look` for each. */
  forEach(look: (series: Series) => void): void {
    this.#series.forEach(look);
  }

  #find(labels: Labels): Series | undefined {
    return this.#series.get(labels.join("\n"));
  }

  #add(labels: Labels): Series {
    const series = this.#create(labels);
    this.#series.set(labels.join("\n"), series);
    return series;
  }
}

/** Both have the same number. */
function areAlike(labels: readonly string[], others: readonly string[]): boolean {
  for (let at = 0; at < labels.length; at++) if (labels[at] !== others[at]) return false;
  return true;
}
