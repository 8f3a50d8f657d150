import assert from "node:assert/strict";
import { TurnGate } from "../../../src/lib/turn_gate.ts";
import { LIMITS } from "../../../src/limits.ts";

const SHORT = { isLong: false };
const LONG = { isLong: true };

/** Keeps the thread for `ms`, and notes that it did. */
function work(ms: number, note: () => void = () => {}): () => Promise<void> {
  return () => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    note();
    return Promise.resolve();
  };
}

/** The most that was begun in one turn of the event loop. */
async function countByTurn(begin: (note: () => void) => Promise<void>[]): Promise<number> {
  let turn = 0;
  const counts: number[] = [];
  const timer = setInterval(() => turn++, 0);
  await Promise.all(begin(() => counts[turn] = (counts[turn] ?? 0) + 1));
  clearInterval(timer);
  return Math.max(...counts.map((count) => count ?? 0));
}

Deno.test("TurnGate.begin() begins at once what comes alone", async () => {
  const gate = new TurnGate();
  let began = 0;
  for (const kind of [SHORT, SHORT]) void gate.begin(work(0, () => began++), kind);
  assert.equal(began, 2);
  await gate.begin(work(0), LONG);
});

Deno.test("TurnGate.begin() begins long work in turns of their own", async () => {
  const gate = new TurnGate();
  const atOnce = await countByTurn((note) =>
    Array.from({ length: 6 }, () => gate.begin(work(LIMITS.workSliceMs * 2, note), LONG))
  );
  assert.equal(atOnce, 1);
});

Deno.test("TurnGate.begin() begins no more short work in a turn than a slice", async () => {
  const gate = new TurnGate();
  const atOnce = await countByTurn((note) =>
    Array.from({ length: 24 }, () => gate.begin(work(LIMITS.workSliceMs / 2, note), SHORT))
  );
  assert.ok(atOnce <= 3, `${atOnce} in one turn`);
});

Deno.test("TurnGate.begin() lets short work pass what is long, and the long come", async () => {
  const gate = new TurnGate();
  const order: string[] = [];
  const long = Array.from(
    { length: 4 },
    (_, at) => gate.begin(work(LIMITS.workSliceMs, () => order.push(`long ${at}`)), LONG),
  );
  const short = gate.begin(work(0, () => order.push("short")), SHORT);
  await Promise.all([...long, short]);
  assert.deepEqual(order, ["long 0", "short", "long 1", "long 2", "long 3"]);
});

Deno.test("TurnGate.begin() hands on what work rejects with", async () => {
  const gate = new TurnGate();
  const failure = new Error("a failure");
  const results = Array.from(
    { length: 3 },
    () => gate.begin(() => work(LIMITS.workSliceMs)().then(() => Promise.reject(failure)), LONG),
  );
  for (const result of await Promise.allSettled(results)) {
    assert.deepEqual(result, { status: "rejected", reason: failure });
  }
});

Deno.test("TurnGate.begin() begins what comes after all of them", async () => {
  const gate = new TurnGate();
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 3 }, () => gate.begin(work(0), LONG)));
    await gate.begin(work(0), SHORT);
  }
});

Deno.test("TurnGate.step() does no more of all long works in a turn than a slice", async () => {
  const gate = new TurnGate();
  const stepMs = LIMITS.stepSliceMs / 2;
  const atOnce = await countByTurn((note) =>
    Array.from({ length: 24 }, () => gate.step(() => void work(stepMs, note)()))
  );
  assert.ok(atOnce <= 3, `${atOnce} in one turn`);
});

Deno.test("TurnGate.step() lets short work pass, and what is long come in its order", async () => {
  const gate = new TurnGate();
  const order: string[] = [];
  const note = (text: string) => () => void order.push(text);
  const slice = LIMITS.stepSliceMs;
  const all = [
    gate.step(work(slice, note("step 0"))),
    gate.step(work(slice, note("step 1"))),
    gate.begin(work(slice, note("long")), LONG),
    gate.step(work(slice, note("step 2"))),
    gate.begin(work(slice, note("short")), SHORT),
  ];
  await Promise.all(all);
  assert.deepEqual(order, ["step 0", "short", "step 1", "long", "step 2"]);
});

Deno.test("TurnGate.begin() begins what is long behind a step that took next to nothing", async () => {
  const gate = new TurnGate();
  for (let round = 0; round < 3; round++) {
    await gate.step(() => {});
    await gate.begin(work(0), LONG);
    await gate.begin(work(0), LONG);
  }
});

Deno.test("TurnGate.step() rejects with what a step throws", async () => {
  const gate = new TurnGate();
  const fail = (): void => {
    void work(LIMITS.workSliceMs)();
    throw new TypeError("a mistake");
  };
  for (const step of [gate.step(fail), gate.step(fail)]) await assert.rejects(step, /a mistake/);
  assert.equal(await gate.step(() => 1), 1);
});
