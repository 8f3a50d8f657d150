import assert from "node:assert/strict";
import { monotonicMs } from "../../../src/lib/clock.ts";
import { TimerWheel } from "../../../src/lib/timer_wheel.ts";

/** A timer of the runtime's own: the wheel's keeps no process alive. */
async function waitMs(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
}

Deno.test("TimerWheel calls back neither what was called off nor anything twice", async () => {
  const wheel = new TimerWheel({ tickMs: 1 });
  let calls = 0;
  wheel.scheduleAt(monotonicMs(), () => void calls++);
  const cancel = wheel.scheduleAt(monotonicMs(), () => assert.fail("it was called off"));
  cancel();
  cancel();
  await waitMs(50);
  assert.equal(calls, 1);
});

Deno.test("TimerWheel never fires before its time, and in order", async () => {
  const wheel = new TimerWheel({ tickMs: 2 });
  const startedMs = monotonicMs();
  const fired: { delayMs: number; afterMs: number }[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const delayMs of [30, 5, 17, 0]) {
    wheel.scheduleAt(startedMs + delayMs, () => {
      fired.push({ delayMs, afterMs: monotonicMs() - startedMs });
      if (fired.length === 4) resolve();
    });
  }
  const timer = setTimeout(() => assert.fail("they never fired"), 5_000);
  await promise;
  clearTimeout(timer);
  assert.deepEqual(fired.map(({ delayMs }) => delayMs), [0, 5, 17, 30]);
  for (const { delayMs, afterMs } of fired) assert(afterMs >= delayMs, `${afterMs} < ${delayMs}`);
});

Deno.test("TimerWheel calls one callback for each time it was scheduled", async () => {
  const wheel = new TimerWheel({ tickMs: 1 });
  let calls = 0;
  const callback = (): void => void calls++;
  wheel.scheduleAt(monotonicMs(), callback);
  wheel.scheduleAt(monotonicMs(), callback);
  await waitMs(50);
  assert.equal(calls, 2);
});

Deno.test("TimerWheel takes what is scheduled while it fires", async () => {
  const wheel = new TimerWheel({ tickMs: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  wheel.scheduleAt(monotonicMs(), () => void wheel.scheduleAt(monotonicMs(), resolve));
  const timer = setTimeout(() => assert.fail("it never fired"), 5_000);
  await promise;
  clearTimeout(timer);
});
