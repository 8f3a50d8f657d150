import assert from "node:assert/strict";
import { KeyLock } from "../../../src/lib/key_lock.ts";
import { COLUMNS } from "../../../src/lib/shared_layout.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { LIMITS } from "../../../src/limits.ts";
import { UploadSlots } from "../../../src/payload/upload_slots.ts";
import { S3Error } from "../../../src/s3/error.ts";

/** Two threads' views of the same memory. */
function createThreads(): { one: SharedMemory; other: SharedMemory } {
  const one = SharedMemory.create(2);
  return { one, other: new SharedMemory({ buffer: one.buffer, row: 1 }) };
}

const isSlowDown = (error: unknown): boolean =>
  error instanceof S3Error && error.code === "SlowDown";

Deno.test("SharedMemory has no row beyond those it was made with", () => {
  const { buffer } = SharedMemory.create(2);
  for (const row of [-1, 2]) assert.throws(() => new SharedMemory({ buffer, row }), /row/);
});

Deno.test("SharedMemory.take() holds one bound over all threads", () => {
  const { one, other } = createThreads();
  assert.ok(one.take(COLUMNS.requests, 2) && other.take(COLUMNS.requests, 2));
  assert.ok(!one.take(COLUMNS.requests, 2) && !other.take(COLUMNS.requests, 2));
  other.add(COLUMNS.requests, -1);
  assert.ok(one.take(COLUMNS.requests, 2));
});

Deno.test("SharedMemory.clear() gives back what a dead thread held, and nothing else", () => {
  const { one, other } = createThreads();
  one.take(COLUMNS.requests, 9);
  other.take(COLUMNS.requests, 9);
  const last = one.userColumn(LIMITS.userCells - 1, "uploads");
  other.add(last, 3);
  one.clear(1);
  assert.equal(one.sum(COLUMNS.requests), 1);
  assert.equal(one.sum(last), 0);
});

Deno.test("SharedMemory.userCell() is the same in all threads, and spreads names", () => {
  const { one, other } = createThreads();
  const cells = new Set<number>();
  for (let index = 0; index < 1000; index++) {
    const cell = one.userCell(`user-${index}`);
    assert.ok(Number.isInteger(cell) && cell >= 0 && cell < LIMITS.userCells);
    assert.equal(other.userCell(`user-${index}`), cell);
    cells.add(cell);
  }
  assert.ok(cells.size > 970, `${cells.size} cells for 1000 names`);
});

Deno.test("SharedMemory.userCell() holds a bounded number of names", () => {
  const memory = SharedMemory.create(1);
  const cell = memory.userCell("alice");
  for (let index = 0; index <= LIMITS.userCells; index++) memory.userCell(`user-${index}`);
  assert.equal(memory.userCell("alice"), cell);
});

Deno.test("SharedMemory.nowMs() is one clock for threads that count from different starts", () => {
  const one = SharedMemory.create(2);
  const other = new SharedMemory({ buffer: one.buffer, row: 1, nowMs: one.nowMs() + 5_000 });
  const difference = other.nowMs() - one.nowMs();
  assert.ok(difference > 4_900 && difference < 5_100, `${difference} ms`);
});

Deno.test("UploadSlots bounds each user over all threads", () => {
  const { one, other } = createThreads();
  const release = new UploadSlots(one).take("alice", 1);
  assert.throws(() => new UploadSlots(other).take("alice", 1), isSlowDown);
  new UploadSlots(other).take("bob", 1)();
  release();
  new UploadSlots(other).take("alice", 1)();
});

Deno.test("KeyLock runs work on one key one after the other, in whichever thread", async () => {
  const { one, other } = createThreads();
  const locks = [new KeyLock(one), new KeyLock(other)];
  let running = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      locks[index % 2]?.run("bucket/key", async () => {
        assert.equal(++running, 1);
        await Promise.resolve();
        order.push(index);
        running--;
      })),
  );
  assert.equal(order.length, 20);
});

Deno.test("SharedMemory.lock() gives up after its time, in whichever thread", async () => {
  const { one, other } = createThreads();
  const index = one.lockOf("bucket/key");
  assert.equal(other.lockOf("bucket/key"), index);
  assert.equal(await one.lock(index, 1_000), true);
  assert.equal(await other.lock(index, 300), false);
  one.unlock(index);
  assert.equal(await other.lock(index, 300), true);
});

Deno.test("SharedMemory.lockOf() spreads keys, otherwise at every start", () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `bucket/${index}`);
  const [one = [], other = []] = [SharedMemory.create(1), SharedMemory.create(1)].map((memory) =>
    keys.map((key) => memory.lockOf(key))
  );
  assert.ok(one.every((lock) => Number.isInteger(lock) && lock >= 0 && lock < LIMITS.keyLockCells));
  assert.ok(new Set(one).size > 550, `${new Set(one).size} locks for 1000 keys`);
  const same = one.filter((lock, index) => lock === other[index]).length;
  assert.ok(same < 20, `${same} of 1000 keys have the same lock at both starts`);
});

Deno.test("X8 who writes to as many keys as one may at a time is in hardly anybody's way", () => {
  const memory = SharedMemory.create(1);
  // One user alone has half of all requests, and each of them may hold a lock while the backend copies.
  const held = new Set(
    Array.from(
      { length: LIMITS.inFlightRequestsMax / 2 },
      (_, index) => memory.lockOf(`a/${index}`),
    ),
  );
  const others = Array.from({ length: 1000 }, (_, index) => memory.lockOf(`b/${index}`));
  const waiting = others.filter((lock) => held.has(lock)).length;
  assert.ok(waiting < 50, `${waiting} of 1000 other keys would wait`);
});

Deno.test("KeyLock passes a result and an error on, and is free afterwards", async () => {
  const lock = new KeyLock(SharedMemory.create(1));
  await assert.rejects(lock.run("key", () => Promise.reject(new Error("refused"))), /refused/);
  assert.equal(await lock.run("key", () => Promise.resolve(7)), 7);
});

Deno.test("KeyLock of a dead thread goes to who waits, and not back from it", async () => {
  const { one, other } = createThreads();
  const dead = Promise.withResolvers<void>();
  const held = new KeyLock(other).run("key", () => dead.promise);
  const waiting = new KeyLock(one).run("key", async () => {
    dead.resolve(); // it comes back to life, and has nothing to give back
    await held;
    assert.equal(await isFree(other), false);
  });
  one.clear(1);
  await waiting;
  assert.equal(await isFree(other), true);

  async function isFree(memory: SharedMemory): Promise<boolean> {
    const taken = memory.lock(memory.lockOf("key"), 1_000);
    const free = await Promise.race([taken, Promise.resolve().then(() => {}).then(() => false)]);
    if (free) memory.unlock(memory.lockOf("key"));
    else void taken.then(() => memory.unlock(memory.lockOf("key")));
    return free;
  }
});
