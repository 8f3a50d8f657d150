import assert from "node:assert/strict";
import { LeastRate } from "../../../src/lib/least_rate.ts";
import { LIMITS } from "../../../src/limits.ts";

const WINDOW_MS = LIMITS.leastRateWindowMs;
const PER_SECOND = 1024;

/** A transfer in which `bytes` come every second of waiting; when it is found too slow, in seconds. */
function trickle(
  bytes: number,
  { seconds = 300, perSecond = PER_SECOND } = {},
): number | undefined {
  const rate = new LeastRate(perSecond);
  for (let second = 1; second <= seconds; second++) {
    rate.waits((second - 1) * 1000);
    rate.moved(bytes, second * 1000);
    if (rate.isTooSlow(second * 1000)) return second;
  }
  return undefined;
}

Deno.test("LeastRate finds a trickle too slow at the end of a window, and what keeps to the rate never", () => {
  assert.equal(trickle(PER_SECOND - 1), WINDOW_MS / 1000);
  assert.equal(trickle(PER_SECOND), undefined);
  assert.equal(trickle(0, { perSecond: 0 }), undefined);
});

Deno.test("LeastRate finds a standstill too slow while it lasts", () => {
  const rate = new LeastRate(PER_SECOND);
  rate.waits(0);
  assert.equal(rate.isTooSlow(WINDOW_MS - 1), false);
  assert.equal(rate.isTooSlow(WINDOW_MS), true);
});

Deno.test("LeastRate measures a burst within its window, not for ever", () => {
  const rate = new LeastRate(PER_SECOND);
  rate.waits(0);
  rate.moved(1 << 30, 1000);
  rate.waits(1000);
  assert.equal(rate.isTooSlow(WINDOW_MS), false);
  assert.equal(rate.isTooSlow(2 * WINDOW_MS), true);
});

Deno.test("LeastRate does not count the time in which nobody waits for the other side", () => {
  const rate = new LeastRate(PER_SECOND);
  for (let minute = 0; minute < 100; minute++) {
    rate.waits(minute * WINDOW_MS);
    rate.moved(PER_SECOND, minute * WINDOW_MS + 100);
    assert.equal(rate.isTooSlow((minute + 1) * WINDOW_MS), false);
  }
});
