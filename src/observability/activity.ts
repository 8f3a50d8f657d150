/**
 * What happens, for whoever watches the program by the console: counts, and the requests worth looking at. Each thread keeps
 * them for a second and then hands them over; nothing of it is kept while there is no console.
 * @module
 */

import { systemClock } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";
import { buildRequestFields, isCutShort, type RequestFacts } from "./access_log.ts";
import type { LogFields } from "./log_line.ts";
import { isLimitName } from "./metric_labels.ts";

/** Counts of some requests. */
export interface Tally {
  requests: number;
  /** Answers of 4xx and 5xx, and responses that were cut short. */
  errors: number;
  denied: number;
  /** Refused for a limit. */
  limited: number;
  bytesIn: number;
  bytesOut: number;
}

/** What a thread has seen since it was last asked. It can be posted. */
export interface Activity {
  readonly total: Tally;
  /** Counts by {@linkcode latencyBucket}: of whole requests, of the backend's part, and of the rest. */
  readonly latency: Uint32Array;
  readonly backendLatency: Uint32Array;
  readonly ownLatency: Uint32Array;
  /** By name; what is too many is under {@linkcode OTHERS}. */
  readonly users: Map<string, Tally>;
  readonly buckets: Map<string, Tally>;
  readonly operations: Map<string, Tally>;
  /** Access keys that were used by whom they belong to. */
  readonly keysSeen: Set<string>;
  /** Denied, failed, or among the first of a second. */
  readonly requests: RecordedRequest[];
  /** Requests that are counted only. */
  unrecorded: number;
}

/** A request: the fields of its line in the log, and when its response ended. */
export interface RecordedRequest {
  readonly atMs: number;
  readonly fields: LogFields;
  /** Whether another request with this method and path would need the same rights. */
  readonly isWhole: boolean;
}

/** Stands for names beyond the bound; no user, bucket or operation is called so. */
export const OTHERS = "(other)";
/** Four to a doubling, from a tenth of a millisecond: a bucket's middle is within a tenth of what it counts. */
export const LATENCY_BUCKETS = 96;
const BUCKETS_OF_DOUBLING = 4;
const LATENCY_MS_MIN = 0.1;

/** The bucket that a duration is counted in. */
export function latencyBucket(seconds: number): number {
  const doublings = Math.log2(Math.max(seconds * 1000, LATENCY_MS_MIN) / LATENCY_MS_MIN);
  return Math.min(LATENCY_BUCKETS - 1, Math.floor(doublings * BUCKETS_OF_DOUBLING));
}

/** The middle of a bucket, in milliseconds. */
export function latencyOfBucket(bucket: number): number {
  return LATENCY_MS_MIN * 2 ** ((bucket + 0.5) / BUCKETS_OF_DOUBLING);
}

/** Nothing yet. */
export function createTally(): Tally {
  return { requests: 0, errors: 0, denied: 0, limited: 0, bytesIn: 0, bytesOut: 0 };
}

/** Nothing yet. */
export function createActivity(): Activity {
  return {
    total: createTally(),
    latency: new Uint32Array(LATENCY_BUCKETS),
    backendLatency: new Uint32Array(LATENCY_BUCKETS),
    ownLatency: new Uint32Array(LATENCY_BUCKETS),
    users: new Map(),
    buckets: new Map(),
    operations: new Map(),
    keysSeen: new Set(),
    requests: [],
    unrecorded: 0,
  };
}

/** That of one name, which is made where there is room for one more. */
export function findTally(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const isFull = tallies.size >= LIMITS.activityNamesMax && name !== OTHERS;
  if (isFull) return findTally(tallies, OTHERS);
  const tally = createTally();
  tallies.set(name, tally);
  return tally;
}

/** Records what one thread does. */
export class ActivityRecorder {
  /** Whether anybody wants to know. */
  isEnabled = false;
  #activity = createActivity();

  /** Counts a request whose response has ended. `isWhole`: whether its method and path tell all that was decided on. */
  record(facts: RequestFacts, { isWhole }: { isWhole: boolean } = { isWhole: false }): void {
    if (!this.isEnabled) return;
    const activity = this.#activity;
    const { user, userLabel = user, bucket, operation, accessKey } = facts;
    const one = tallyOf(facts);
    addTally(activity.total, one);
    if (operation !== undefined) addTally(findTally(activity.operations, operation), one);
    // Strangers can name any bucket, and give no name of their own.
    if (userLabel !== undefined) {
      addTally(findTally(activity.users, userLabel), one);
      if (bucket !== undefined) addTally(findTally(activity.buckets, bucket), one);
      if (accessKey !== undefined && activity.keysSeen.size < LIMITS.activityKeysSeenMax) {
        activity.keysSeen.add(accessKey);
      }
    }
    countLatency(activity, facts);
    const { requests } = activity;
    const max = one.errors > 0 ? LIMITS.activityRefusalsMax : LIMITS.activityRequestsMax;
    if (requests.length < max) {
      const isCut = facts.path.length > LIMITS.activityPathCharactersMax;
      const fields = describe(facts);
      requests.push({ atMs: systemClock().getTime(), fields, isWhole: isWhole && !isCut });
    } else activity.unrecorded++;
  }

  /** What was recorded since the last time; `undefined` for nothing. */
  take(): Activity | undefined {
    const activity = this.#activity;
    if (activity.total.requests === 0) return undefined;
    this.#activity = createActivity();
    return activity;
  }
}

/** Adds `one` to `tally`. */
export function addTally(tally: Tally, one: Tally): void {
  tally.requests += one.requests;
  tally.errors += one.errors;
  tally.denied += one.denied;
  tally.limited += one.limited;
  tally.bytesIn += one.bytesIn;
  tally.bytesOut += one.bytesOut;
}

/** As in the log, without what is long, and without parameters. */
function describe(facts: RequestFacts): LogFields {
  const path = facts.path.slice(0, LIMITS.activityPathCharactersMax);
  return { ...buildRequestFields({ ...facts, path }), custom: undefined };
}

/** What one request adds. */
function tallyOf(
  { status, code, decision, reason, bytesIn = 0, bytesOut = 0 }: RequestFacts,
): Tally {
  const isCut = isCutShort(code); // then nobody knows how much passed
  const errors = status >= 400 || isCut ? 1 : 0;
  return {
    requests: 1,
    errors,
    denied: decision === "deny" ? 1 : 0,
    limited: errors > 0 && isLimitName(reason) ? 1 : 0,
    bytesIn: isCut ? 0 : bytesIn,
    bytesOut: isCut ? 0 : bytesOut,
  };
}

function countLatency(activity: Activity, facts: RequestFacts): void {
  const { durationSeconds, backendLatencySeconds } = facts;
  increment(activity.latency, durationSeconds);
  if (backendLatencySeconds === undefined) return;
  increment(activity.backendLatency, backendLatencySeconds);
  increment(activity.ownLatency, Math.max(0, durationSeconds - backendLatencySeconds));
}

function increment(counts: Uint32Array, seconds: number): void {
  const bucket = latencyBucket(seconds);
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}
