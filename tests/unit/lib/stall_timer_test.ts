import assert from "node:assert/strict";
import { StallTimer } from "../../../src/lib/stall_timer.ts";

Deno.test("StallTimer calls back once when nothing moves", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    new StallTimer({
      timeoutMs: 5,
      onStall: () => {
        calls++;
        resolve();
      },
    });
  });
  assert.equal(calls, 1);
});

Deno.test("StallTimer waits on after progress", async () => {
  let moved = false;
  await new Promise<void>((resolve) => {
    const timer = new StallTimer({
      timeoutMs: 40,
      onStall: () => {
        assert.equal(moved, true);
        resolve();
      },
    });
    // Registered first and shorter, so it runs before the first look at the clock.
    setTimeout(() => {
      moved = true;
      timer.progress();
    }, 20);
  });
});

Deno.test("StallTimer without a timeout, or stopped, holds no timer", () => {
  // The sanitizer would find one.
  new StallTimer({ timeoutMs: undefined, onStall: () => assert.fail("it has no timeout") });
  new StallTimer({ timeoutMs: 1000, onStall: () => assert.fail("it was stopped") }).stop();
});
