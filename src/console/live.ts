/**
 * `/api/live`: what the program does, now and in the last hour.
 * @module
 */

import {
  type Activity,
  createActivity,
  LATENCY_BUCKETS,
  latencyOfBucket,
  type Tally,
} from "../observability/activity.ts";
import { LIMITS } from "../limits.ts";
import { mergeActivity, type Slot } from "./activity_log.ts";
import { type Question, readCount } from "./question.ts";

const MINUTE_SECONDS = 60;
/** Until 2286. */
const SECONDS_MAX = 9_999_999_999;
const PERCENTILES = { p50_ms: 0.5, p95_ms: 0.95, p99_ms: 0.99 } as const;

/** What it answers. */
export function describeLive(question: Question): unknown {
  const { activity, streams, now, config, readProgram } = question;
  const nowMs = now.getTime();
  const after = readCount(question, { name: "after", max: SECONDS_MAX, fallback: 0 });
  const slots = activity.slots(nowMs);
  const shown = slots.filter(({ startSeconds }) => startSeconds >= after);
  const program = readProgram();
  const sinceMinute = nowMs / 1000 - MINUTE_SECONDS;
  return {
    now: now.toISOString(),
    started: program.startedAt.toISOString(),
    interval_ms: LIMITS.activitySlotMs,
    workers: program.workers,
    in_flight: program.inFlight,
    backend_connections: program.backendConnections,
    backend_connections_max: config.backend.maxConnections,
    backend_connections_waiting: program.backendConnectionsWaiting,
    viewers: streams.administratorsCount,
    viewers_max: LIMITS.consoleViewersMax,
    // From where on the next answer tells: the newest slot may still grow.
    last: slots.at(-1)?.startSeconds.toString(),
    times: shown.map(({ startSeconds }) => startSeconds),
    series: describeSeries(shown),
    last_minute: describeAll(slots.filter(({ startSeconds }) => startSeconds >= sinceMinute)),
    last_hour: describeAll(slots),
  };
}

/** By name, one value a slot. */
function describeSeries(slots: readonly Slot[]): unknown {
  const series = new Map<string, (number | null)[]>();
  // The first is there for its names only.
  for (const { activity } of [{ activity: createActivity() }, ...slots]) {
    const values = { ...describeTally(activity.total), ...describeLatency(activity) };
    for (const [name, value] of Object.entries(values)) {
      const known = series.get(name);
      if (known === undefined) series.set(name, []);
      else known.push(value);
    }
  }
  return Object.fromEntries(series);
}

function describeAll(slots: readonly Slot[]): unknown {
  const sum = createActivity();
  for (const { activity } of slots) mergeActivity(sum, activity);
  return {
    ...describeTally(sum.total),
    ...describeLatency(sum),
    users: describeNames(sum.users),
    buckets: describeNames(sum.buckets),
    operations: describeNames(sum.operations),
  };
}

function describeTally(
  { requests, errors, denied, limited, bytesIn, bytesOut }: Tally,
): Record<string, number> {
  return { requests, errors, denied, limited, bytes_in: bytesIn, bytes_out: bytesOut };
}

function describeLatency(
  { latency, backendLatency, ownLatency }: Activity,
): Record<string, number | null> {
  const of = (prefix: string, counts: Uint32Array): [string, number | null][] =>
    Object.entries(PERCENTILES).map(([name, part]) => [prefix + name, percentile(counts, part)]);
  return Object.fromEntries([
    ...of("", latency),
    ...of("backend_", backendLatency),
    ...of("own_", ownLatency),
  ]);
}

/** In milliseconds; `null` where nothing was counted. */
function percentile(counts: Uint32Array, part: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.ceil(total * part);
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
    left -= counts[bucket] ?? 0;
    if (left <= 0) return Math.round(latencyOfBucket(bucket) * 100) / 100;
  }
  return null;
}

/** The most active first. */
function describeNames(tallies: ReadonlyMap<string, Tally>): unknown[] {
  return [...tallies].toSorted(([, one], [, other]) => other.requests - one.requests)
    .slice(0, LIMITS.consoleNamesShown)
    .map(([name, tally]) => ({ name, ...describeTally(tally) }));
}
