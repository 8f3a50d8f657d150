import assert from "node:assert/strict";
import { FairLine } from "../../../src/lib/fair_line.ts";
import type { ShareUser } from "../../../src/lib/share.ts";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { ConnectionSlots } from "../../../src/upstream/connection_slots.ts";
import { assertRejected } from "../s3/sample_request.ts";

/** Long enough that no test sees its end. */
const PATIENT_MS = 60_000;
/** May hold all there are. */
const ANY: ShareUser = { name: "any", ownMax: 1000 };

/** Those of the only thread. */
function createSlots(
  { memory = SharedMemory.create(1), ...options }: {
    slotsMax: number;
    waitTimeoutMs?: number;
    memory?: SharedMemory;
  },
): ConnectionSlots {
  const line = new FairLine(memory);
  return new ConnectionSlots({ waitTimeoutMs: PATIENT_MS, ...options, memory, line });
}

/** A user who shares. */
function named(name: string): ShareUser {
  return { name, ownMax: undefined };
}

Deno.test("ConnectionSlots refuses who finds none in time", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire(ANY);
  await assertRejected(slots.acquire(ANY), "SlowDown");
  release();
  (await slots.acquire(ANY))();
});

Deno.test("ConnectionSlots refuses at once when as many wait as there are slots", async () => {
  const slots = createSlots({ slotsMax: 2, waitTimeoutMs: PATIENT_MS });
  const held = [await slots.acquire(ANY), await slots.acquire(ANY)];
  const waiting = [slots.acquire(ANY), slots.acquire(ANY)];
  await assertRejected(slots.acquire(ANY), "SlowDown");
  for (const release of held) release();
  for (const release of await Promise.all(waiting)) release();
});

Deno.test("ConnectionSlots passes slots on in the order of asking", async () => {
  const slots = createSlots({ slotsMax: 2, waitTimeoutMs: PATIENT_MS });
  const held = [await slots.acquire(ANY), await slots.acquire(ANY)];
  const order: string[] = [];
  const first = slots.acquire(ANY).then((release) => (order.push("first"), release));
  const second = slots.acquire(ANY).then((release) => (order.push("second"), release));
  held[0]?.();
  (await first)();
  (await second)();
  assert.deepEqual(order, ["first", "second"]);
  held[1]?.();
});

Deno.test("ConnectionSlots gives a slot back once, however often it is released", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire(ANY);
  release();
  release();
  const again = await slots.acquire(ANY);
  release();
  await assertRejected(slots.acquire(ANY), "SlowDown");
  again();
});

Deno.test("ConnectionSlots forgets who gave up waiting", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire(ANY);
  await assertRejected(slots.acquire(ANY), "SlowDown");
  await assertRejected(slots.acquire(ANY), "SlowDown");
  release();
  (await slots.acquire(ANY))();
});

Deno.test("ConnectionSlots of two threads share one bound and one line", async () => {
  const memory = SharedMemory.create(2);
  const other = new SharedMemory({ buffer: memory.buffer, row: 1 });
  const here = createSlots({ slotsMax: 1, memory });
  const there = createSlots({ slotsMax: 1, memory: other });
  const release = await here.acquire(ANY);
  const waiting = there.acquire(ANY);
  await assertRejected(here.acquire(ANY), "SlowDown"); // one of this user waits already
  release();
  (await waiting)();
  (await here.acquire(ANY))();
});

Deno.test("ConnectionSlots of a dead thread go to who waits", async () => {
  const memory = SharedMemory.create(2);
  const dead = new SharedMemory({ buffer: memory.buffer, row: 1 });
  await createSlots({ slotsMax: 1, memory: dead }).acquire(ANY);
  const waiting = createSlots({ slotsMax: 1, memory }).acquire(ANY);
  memory.clear(1);
  (await waiting)();
});

Deno.test("ConnectionSlots leave a newcomer as many as one user holds, however many that one asks for", async () => {
  const slots = createSlots({ slotsMax: 8 });
  const noisy = named("noisy");
  const held = [1, 2, 3, 4].map(() => slots.tryAcquire(noisy));
  assert.ok(held.every((release) => release !== undefined));
  assert.equal(slots.tryAcquire(noisy), undefined);
  const waiting = slots.acquire(noisy);
  const quiet = slots.tryAcquire(named("quiet"));
  assert.ok(quiet, "the quiet user is not behind the noisy one's line");
  quiet();
  held[0]?.();
  (await waiting)();
});
