import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { EventLoopLag } from "../../../src/observability/event_loop_lag.ts";

const INTERVAL_MS = LIMITS.eventLoopLagIntervalMs;
const WINDOW = LIMITS.eventLoopLagWindowSamples;

Deno.test("EventLoopLag is 0 for timers that fire in time or early", () => {
  const lag = new EventLoopLag();
  for (const nowMs of [0, INTERVAL_MS, 2 * INTERVAL_MS - 10]) lag.observe(nowMs);
  assert.equal(lag.maxSeconds(), 0);
});

Deno.test("EventLoopLag tells the largest delay, however often it is asked", () => {
  const lag = new EventLoopLag();
  lag.observe(0);
  lag.observe(INTERVAL_MS + 250);
  lag.observe(2 * INTERVAL_MS + 250 + 40);
  assert.equal(lag.maxSeconds(), 0.25);
  assert.equal(lag.maxSeconds(), 0.25);
});

Deno.test("EventLoopLag forgets a delay after one whole window without it, not before", () => {
  const lag = new EventLoopLag();
  let nowMs = 0;
  const observeInTime = (samples: number): void => {
    for (let sample = 0; sample < samples; sample++) lag.observe(nowMs += INTERVAL_MS);
  };
  observeInTime(WINDOW - 1);
  nowMs += 1000;
  lag.observe(nowMs += INTERVAL_MS);
  observeInTime(WINDOW - 1);
  assert.equal(lag.maxSeconds(), 1);
  observeInTime(1);
  assert.equal(lag.maxSeconds(), 0);
});

Deno.test("EventLoopLag.stop() ends the timer that start() began", () => {
  const lag = new EventLoopLag();
  lag.start(() => 0);
  lag.stop();
  assert.equal(lag.maxSeconds(), 0);
});
