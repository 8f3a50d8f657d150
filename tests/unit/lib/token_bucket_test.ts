import assert from "node:assert/strict";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { type Bucket, spendTokens, takeToken } from "../../../src/lib/token_bucket.ts";

/** Views of the same memory, whose clock a test sets. */
class Threads {
  nowMs = 1_000;
  readonly memories: SharedMemory[];

  constructor(count: number) {
    const { buffer } = SharedMemory.create(count);
    this.memories = Array.from({ length: count }, (_, row) => {
      const memory = new SharedMemory({ buffer, row });
      memory.nowMs = () => this.nowMs;
      return memory;
    });
  }

  take(bucket: Bucket, thread = 0): number {
    return takeToken(this.memories[thread] ?? assert.fail(), bucket);
  }

  spend(bucket: Bucket, amount: number, thread = 0): number {
    return spendTokens(this.memories[thread] ?? assert.fail(), { bucket, amount });
  }
}

const REQUESTS: Bucket = { cell: 7, kind: "requests", perSecond: 10, burst: 3 };
const BYTES: Bucket = { cell: 7, kind: "bytesOut", perSecond: 1000, burst: 1000 };

Deno.test("takeToken() gives a burst, then one as often as its rate says, over all threads", () => {
  const threads = new Threads(2);
  assert.deepEqual([threads.take(REQUESTS), threads.take(REQUESTS, 1), threads.take(REQUESTS)], [
    0,
    0,
    0,
  ]);
  assert.equal(threads.take(REQUESTS), 100);
  assert.equal(threads.take(REQUESTS, 1), 100, "who was refused has taken nothing");
  threads.nowMs += 99;
  assert.ok(threads.take(REQUESTS) > 0);
  threads.nowMs += 1;
  assert.equal(threads.take(REQUESTS, 1), 0);
  assert.ok(threads.take(REQUESTS) > 0);
});

Deno.test("takeToken() saves no more than a burst in a long time of rest", () => {
  const threads = new Threads(1);
  threads.take(REQUESTS);
  threads.nowMs += 40 * 24 * 3_600_000; // longer than 2^31 ms
  assert.deepEqual([1, 2, 3, 4].map(() => threads.take(REQUESTS) === 0), [true, true, true, false]);
});

Deno.test("takeToken() keeps users, and kinds, apart", () => {
  const threads = new Threads(1);
  while (threads.take(REQUESTS) === 0);
  assert.equal(threads.take({ ...REQUESTS, cell: 8 }), 0);
  assert.equal(threads.take({ ...REQUESTS, kind: "bytesIn" }), 0);
});

Deno.test("spendTokens() always takes, and tells when it will have been paid, over all threads", () => {
  const threads = new Threads(2);
  assert.equal(threads.spend(BYTES, 1000), 0);
  assert.equal(threads.spend(BYTES, 500, 1), 500);
  assert.equal(threads.spend(BYTES, 500), 1000);
  threads.nowMs += 1000;
  assert.equal(threads.spend(BYTES, 100, 1), 100);
});
