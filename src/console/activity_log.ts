/**
 * What has happened in all threads: the last hour in counts, and the last requests. Both are rings.
 * @module
 */

import {
  type Activity,
  addTally,
  createActivity,
  findTally,
  type RecordedRequest,
} from "../observability/activity.ts";
import { LIMITS } from "../limits.ts";

/** Counts of a while. */
export interface Slot {
  /** Seconds since the epoch. */
  readonly startSeconds: number;
  readonly activity: Activity;
}

/** A request, and its place among all. */
export interface LoggedRequest extends RecordedRequest {
  readonly sequence: number;
}

const SLOT_SECONDS = LIMITS.activitySlotMs / 1000;
const SLOTS_MAX = Math.ceil(LIMITS.activityKeptMs / LIMITS.activitySlotMs) + 1;

/** The rings. */
export class ActivityLog {
  readonly #slots: Slot[] = [];
  readonly #requests: LoggedRequest[] = [];
  readonly #keysSeen = new Map<string, number>();
  /** Of the request that comes next. */
  #sequence = 1;
  #unrecorded = 0;

  /** Takes in what a thread has seen until `nowMs`. */
  add(activity: Activity, nowMs: number): void {
    mergeActivity(this.#slotAt(nowMs).activity, activity);
    for (const request of activity.requests) {
      this.#requests.push({ ...request, sequence: this.#sequence++ });
    }
    const surplus = this.#requests.length - LIMITS.activityRequestsKept;
    // By the hundred: to move all of them for each one would cost more than the rest.
    if (surplus > LIMITS.activityRequestsKept / 10) this.#requests.splice(0, surplus);
    this.#unrecorded += activity.unrecorded;
    for (const key of activity.keysSeen) this.#keysSeen.set(key, nowMs);
  }

  /** The last hour, the oldest first; where nothing happened there is none. */
  slots(nowMs: number): readonly Slot[] {
    const oldest = (nowMs - LIMITS.activityKeptMs) / 1000;
    while ((this.#slots[0]?.startSeconds ?? Infinity) < oldest) this.#slots.shift();
    return this.#slots;
  }

  /** Those kept, the oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests.slice(-LIMITS.activityRequestsKept);
  }

  /** How many were counted only. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  /** When a key was used last, since the program runs, in milliseconds. */
  lastUseMs(accessKeyId: string): number | undefined {
    return this.#keysSeen.get(accessKeyId);
  }

  /** Forgets keys that are not in the configuration any more. */
  keepKeys(accessKeyIds: ReadonlySet<string>): void {
    for (const key of this.#keysSeen.keys()) {
      if (!accessKeyIds.has(key)) this.#keysSeen.delete(key);
    }
  }

  #slotAt(nowMs: number): Slot {
    const startSeconds = Math.floor(nowMs / LIMITS.activitySlotMs) * SLOT_SECONDS;
    const last = this.#slots.at(-1);
    // A clock that was set back adds to the last one.
    if (last !== undefined && last.startSeconds >= startSeconds) return last;
    const slot = { startSeconds, activity: createActivity() };
    this.#slots.push(slot);
    if (this.#slots.length > SLOTS_MAX) this.#slots.shift();
    return slot;
  }
}

/** Adds `from` to the counts of `to`; requests and keys stay apart. */
export function mergeActivity(to: Activity, from: Activity): void {
  addTally(to.total, from.total);
  addCounts(to.latency, from.latency);
  addCounts(to.backendLatency, from.backendLatency);
  addCounts(to.ownLatency, from.ownLatency);
  for (const kind of ["users", "buckets", "operations"] as const) {
    for (const [name, tally] of from[kind]) addTally(findTally(to[kind], name), tally);
  }
}

function addCounts(to: Uint32Array, from: Uint32Array): void {
  for (let index = 0; index < to.length; index++) {
    to[index] = (to[index] ?? 0) + (from[index] ?? 0);
  }
}
