import assert from "node:assert/strict";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { ConnectionSlots } from "../../../src/upstream/connection_slots.ts";
import { assertRejected } from "../s3/sample_request.ts";

/** Long enough that no test sees its end. */
const PATIENT_MS = 60_000;

/** Those of the only thread. */
function createSlots(options: { slotsMax: number; waitTimeoutMs: number }): ConnectionSlots {
  return new ConnectionSlots({ ...options, memory: SharedMemory.create(1) });
}

Deno.test("ConnectionSlots refuses who finds none in time", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire();
  await assertRejected(slots.acquire(), "SlowDown");
  release();
  (await slots.acquire())();
});

Deno.test("ConnectionSlots refuses at once when as many wait as there are slots", async () => {
  const slots = createSlots({ slotsMax: 2, waitTimeoutMs: PATIENT_MS });
  const held = [await slots.acquire(), await slots.acquire()];
  const waiting = [slots.acquire(), slots.acquire()];
  await assertRejected(slots.acquire(), "SlowDown");
  for (const release of held) release();
  for (const release of await Promise.all(waiting)) release();
});

Deno.test("ConnectionSlots passes slots on in the order of asking", async () => {
  const slots = createSlots({ slotsMax: 2, waitTimeoutMs: PATIENT_MS });
  const held = [await slots.acquire(), await slots.acquire()];
  const order: string[] = [];
  const first = slots.acquire().then((release) => (order.push("first"), release));
  const second = slots.acquire().then((release) => (order.push("second"), release));
  held[0]?.();
  (await first)();
  (await second)();
  assert.deepEqual(order, ["first", "second"]);
  held[1]?.();
});

Deno.test("ConnectionSlots gives a slot back once, however often it is released", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire();
  release();
  release();
  const again = await slots.acquire();
  release();
  await assertRejected(slots.acquire(), "SlowDown");
  again();
});

Deno.test("ConnectionSlots forgets who gave up waiting", async () => {
  const slots = createSlots({ slotsMax: 1, waitTimeoutMs: 1 });
  const release = await slots.acquire();
  await assertRejected(slots.acquire(), "SlowDown");
  await assertRejected(slots.acquire(), "SlowDown");
  release();
  (await slots.acquire())();
});

Deno.test("ConnectionSlots of two threads share one bound and one line", async () => {
  const memory = SharedMemory.create(2);
  const other = new SharedMemory({ buffer: memory.buffer, row: 1 });
  const options = { slotsMax: 1, waitTimeoutMs: PATIENT_MS };
  const here = new ConnectionSlots({ ...options, memory });
  const there = new ConnectionSlots({ ...options, memory: other });
  const release = await here.acquire();
  const waiting = there.acquire();
  await assertRejected(here.acquire(), "SlowDown"); // one waits already
  release();
  (await waiting)();
  (await here.acquire())();
});

Deno.test("ConnectionSlots of a dead thread go to who waits", async () => {
  const memory = SharedMemory.create(2);
  const dead = new SharedMemory({ buffer: memory.buffer, row: 1 });
  const options = { slotsMax: 1, waitTimeoutMs: PATIENT_MS };
  await new ConnectionSlots({ ...options, memory: dead }).acquire();
  const waiting = new ConnectionSlots({ ...options, memory }).acquire();
  memory.clear(1);
  (await waiting)();
});
