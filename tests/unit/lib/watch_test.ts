import assert from "node:assert/strict";
import { monotonicMs } from "../../../src/lib/clock.ts";
import { NOWHERE } from "../../../src/lib/live_set.ts";
import { Watch, type Watched } from "../../../src/lib/watch.ts";

/** A timer of the runtime's own: the watch's keeps no process alive. */
async function waitMs(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
}

function watched(check: Watched["check"]): Watched {
  return { place: NOWHERE, check };
}

Deno.test("Watch looks at nothing that was taken out", async () => {
  const watch = new Watch({ tickMs: 1 });
  let looks = 0;
  const one = watched(() => looks++);
  const other = watched(() => assert.fail("it was taken out"));
  watch.add(one);
  watch.add(other);
  watch.delete(other);
  await waitMs(50);
  watch.delete(one);
  assert(looks > 0);
  await waitMs(50); // and its interval ends
});

Deno.test("Watch tells the time, again and again, until what it looks at goes", async () => {
  const watch = new Watch({ tickMs: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const startedMs = monotonicMs();
  const times: number[] = [];
  const self = watched((nowMs) => {
    times.push(nowMs);
    if (times.length < 3) return;
    watch.delete(self);
    resolve();
  });
  watch.add(self);
  const timer = setTimeout(() => assert.fail("it was not looked at"), 5_000);
  await promise;
  clearTimeout(timer);
  await waitMs(50);
  assert.equal(times.length, 3);
  assert.deepEqual(times, times.toSorted((one, other) => one - other));
  assert(times.every((time) => time >= startedMs));
});

Deno.test("Watch looks at what comes after it has stood still", async () => {
  const watch = new Watch({ tickMs: 1 });
  for (let round = 0; round < 2; round++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const self = watched(() => {
      watch.delete(self);
      resolve();
    });
    watch.add(self);
    const timer = setTimeout(() => assert.fail("it was not looked at"), 5_000);
    await promise;
    clearTimeout(timer);
    await waitMs(20);
  }
});
