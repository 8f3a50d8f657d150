import assert from "node:assert/strict";
import { FadingMap } from "../../../src/lib/fading_map.ts";
import { LIMITS } from "../../../src/limits.ts";
import { advanceMonotonicClock } from "../../support/shifted_clock.ts";

for (const limit of ["bucketCorsEntriesMax", "bucketVersionsHeld"] as const) {
  Deno.test(`FadingMap holds ${limit}, and for one more forgets the first`, () => {
    const map = new FadingMap<number, string>(LIMITS[limit]);
    const lifetimeMs = 60_000;
    for (let key = 0; key < LIMITS[limit]; key++) map.set(key, { value: `${key}`, lifetimeMs });
    map.set(1, { value: "again", lifetimeMs });
    assert.equal(map.get(0), "0");
    map.set(-1, { value: "one more", lifetimeMs });
    assert.deepEqual([map.get(0), map.get(1), map.get(2), map.get(-1)], [
      undefined,
      "again",
      "2",
      "one more",
    ]);
  });
}

Deno.test("FadingMap forgets what its time is over of", () => {
  const map = new FadingMap<string, number>(3);
  map.set("a", { value: 1, lifetimeMs: 1_000 });
  map.set("b", { value: 2, lifetimeMs: 5_000 });
  advanceMonotonicClock(500);
  assert.equal(map.get("a"), 1);
  advanceMonotonicClock(600);
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c")], [undefined, 2, undefined]);
});
