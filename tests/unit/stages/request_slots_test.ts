import assert from "node:assert/strict";
import { SharedMemory } from "../../../src/lib/shared_memory.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { RequestSlots } from "../../../src/stages/request_slots.ts";

const ALICE = { name: "alice", ownMax: undefined };
const BOB = { name: "bob", ownMax: undefined };

/** Slots in two threads. */
function createSlots(): RequestSlots[] {
  const one = SharedMemory.create(2);
  return [one, new SharedMemory({ buffer: one.buffer, row: 1 })].map((memory) =>
    new RequestSlots(memory)
  );
}

/** Takes as many as there are; the reason why there are no more. */
function takeAll(take: () => () => void, releases: (() => void)[] = []): string | undefined {
  for (;;) {
    try {
      releases.push(take());
    } catch (error) {
      assert.ok(error instanceof S3Error && error.code === "SlowDown");
      return error.reason;
    }
  }
}

Deno.test("RequestSlots.take() gives one user half of all, the next a third of what is left for two, over all threads", () => {
  const [here, there] = createSlots();
  assert.ok(here && there);
  const ofAlice: (() => void)[] = [];
  const ofBob: (() => void)[] = [];
  assert.equal(
    takeAll(() => (ofAlice.length % 2 ? here : there).take(ALICE, 100), ofAlice),
    "share_of_requests",
  );
  assert.equal(ofAlice.length, 50);
  assert.equal(takeAll(() => here.take(BOB, 100), ofBob), "share_of_requests");
  assert.equal(ofBob.length, 25);
  for (const release of ofAlice.splice(0, 20)) release();
  assert.equal(takeAll(() => here.take(ALICE, 100), ofAlice), "share_of_requests");
  assert.equal(takeAll(() => there.take(BOB, 100), ofBob), "share_of_requests");
  assert.ok(ofAlice.length <= 38 && ofBob.length >= 25 && ofBob.length <= 38);
});

Deno.test("RequestSlots.take() has one for everybody who comes while there are any", () => {
  const [slots] = createSlots();
  const counts: number[] = [];
  for (let user = 0; user < 8; user++) {
    const taken: (() => void)[] = [];
    takeAll(
      () => slots?.take({ name: `user-${user}`, ownMax: undefined }, 100) ?? assert.fail(),
      taken,
    );
    counts.push(taken.length);
  }
  assert.deepEqual(counts.slice(0, 4), [50, 25, 13, 6]);
  assert.ok(counts.every((count, index) => index > 6 || count >= 1), counts.join());
});

Deno.test("RequestSlots.take() keeps to what was set for a user, below and above the share", () => {
  const [slots] = createSlots();
  assert.ok(slots);
  const few = { name: "few", ownMax: 3 };
  const many = { name: "many", ownMax: 80 };
  const [ofFew, ofMany]: (() => void)[][] = [[], []];
  assert.equal(takeAll(() => slots.take(few, 100), ofFew), "max_concurrent_requests");
  assert.equal(takeAll(() => slots.take(many, 100), ofMany), "max_concurrent_requests");
  assert.deepEqual([ofFew?.length, ofMany?.length], [3, 80]);
});

Deno.test("RequestSlots.take() refuses one more than there are, and takes it after a release", () => {
  const [slots] = createSlots();
  assert.ok(slots);
  const all = { name: "all", ownMax: 1000 };
  const taken: (() => void)[] = [];
  assert.equal(takeAll(() => slots.take(all, 2), taken), "in_flight_requests");
  assert.equal(taken.length, 2);
  taken[0]?.();
  slots.take(ALICE, 2);
});

Deno.test("RequestSlots.take() goes by the bound of now, which a reload may have changed", () => {
  const [slots] = createSlots();
  assert.ok(slots);
  slots.take(ALICE, 1);
  slots.take(BOB, 2);
  assert.throws(() => slots.take(BOB, 2), S3Error);
});

const ADDRESS = { clientAddress: "192.0.2.1" };

Deno.test("RequestSlots.takeStranger() has a bound of its own, over all threads", () => {
  const [here, there] = createSlots();
  assert.ok(here && there);
  const release = here.takeStranger(ADDRESS, 1);
  assert.equal(takeAll(() => there.takeStranger(ADDRESS, 1)), "unauthenticated_requests");
  there.take(ALICE, 1);
  release();
  release();
  there.takeStranger(ADDRESS, 1);
  assert.equal(takeAll(() => here.takeStranger(ADDRESS, 1)), "unauthenticated_requests");
});

Deno.test("RequestSlots.takeStranger() gives an address no more than it leaves to others", () => {
  const [here, there] = createSlots();
  assert.ok(here && there);
  for (let taken = 0; taken < 5; taken++) {
    here.takeStranger({ clientAddress: `2001:db8::${taken}` }, 10);
  }
  assert.equal(
    takeAll(() => there.takeStranger({ clientAddress: "2001:db8::9" }, 10)),
    "unauthenticated_requests",
  );
  for (let taken = 0; taken < 3; taken++) there.takeStranger(ADDRESS, 10);
  assert.equal(takeAll(() => here.takeStranger(ADDRESS, 10)), "unauthenticated_requests");
});
