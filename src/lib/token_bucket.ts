/**
 * A rate of one user over all threads, as a bucket that fills steadily: requests, or bytes. It is kept as the one moment
 * at which it will be full again, ATM Forum's generic cell rate algorithm; so it needs no timer and one number.
 * @module
 */

import { BUCKETS_OF_USER } from "./shared_layout.ts";
import type { SharedMemory } from "./shared_memory.ts";

/** What is counted. */
export const BUCKETS = {
  requests: 0,
  bytesIn: 1,
  bytesOut: 2,
  /** Of an address. */
  stsRequests: 3,
  /** Of an issuer. */
  stsTokens: 4,
  stsTokensOfAddress: 5,
  /** Of a user, or of an address of strangers. */
  consoleRequests: 6,
  /** Buckets whose CORS rules an address has asked for. */
  corsLookupsOfAddress: 7,
} as const;

/** A user's bucket of one kind. */
export interface Bucket {
  /** {@linkcode SharedMemory.userCell}. */
  readonly cell: number;
  readonly kind: keyof typeof BUCKETS;
  readonly perSecond: number;
  /** What it holds when it is full. */
  readonly burst: number;
}

const MICROSECONDS = 1e6;

/** Takes one, where there is one: 0, else milliseconds until there is. */
export function takeToken(memory: SharedMemory, bucket: Bucket): number {
  return change(memory, { bucket, amount: 1, isForced: false });
}

/** Takes `amount`, whatever is there; milliseconds until what was taken is there: 0 where it was. */
export function spendTokens(
  memory: SharedMemory,
  { bucket, amount }: { bucket: Bucket; amount: number },
): number {
  return change(memory, { bucket, amount, isForced: true });
}

function change(
  memory: SharedMemory,
  { bucket: { cell, kind, perSecond, burst }, amount, isForced }: {
    bucket: Bucket;
    amount: number;
    isForced: boolean;
  },
): number {
  const at = cell * BUCKETS_OF_USER + BUCKETS[kind];
  const nowMicroseconds = memory.nowMs() * 1000;
  const cost = amount * MICROSECONDS / perSecond;
  const capacity = burst * MICROSECONDS / perSecond;
  for (;;) {
    const before = Atomics.load(memory.buckets, at);
    const fullAt = Math.max(Number(before), nowMicroseconds) + cost;
    const lateMs = Math.max(0, fullAt - nowMicroseconds - capacity) / 1000;
    if (lateMs > 0 && !isForced) return lateMs;
    const after = BigInt(Math.round(fullAt));
    if (Atomics.compareExchange(memory.buckets, at, before, after) === before) return lateMs;
  }
}
