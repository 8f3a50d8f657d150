import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { PacedExposition } from "../../../src/observability/paced_exposition.ts";

/** Readings that take `tookMs` each, and are numbered. */
function start(tookMs: number): {
  exposition: PacedExposition;
  wait: (ms: number) => void;
} {
  let nowMs = 0;
  let count = 0;
  const read = (): Promise<string> => {
    nowMs += tookMs;
    return Promise.resolve(`reading ${++count}`);
  };
  const exposition = new PacedExposition({ read, nowMs: () => nowMs });
  return { exposition, wait: (ms) => nowMs += ms };
}

Deno.test("PacedExposition.read() X9: whoever asks again and again gets the last reading, until its time is made up for", async () => {
  const tookMs = LIMITS.expositionBurstMs + 1;
  const { exposition, wait } = start(tookMs);
  assert.equal(await exposition.read(), "reading 1");
  for (let count = 0; count < 100; count++) assert.equal(await exposition.read(), "reading 1");
  wait(LIMITS.expositionTimeDivisor - 1);
  assert.equal(await exposition.read(), "reading 1");
  wait(1);
  assert.equal(await exposition.read(), "reading 2");
});

Deno.test("PacedExposition.read() reads anew for everybody who asks at times", async () => {
  const { exposition, wait } = start(LIMITS.expositionBurstMs / 2);
  for (let count = 1; count <= 20; count++) {
    assert.equal(await exposition.read(), `reading ${count}`);
    wait(15_000);
  }
});

Deno.test("PacedExposition.read() reads once for all who ask together", async () => {
  const { exposition } = start(1);
  const texts = await Promise.all([exposition.read(), exposition.read(), exposition.read()]);
  assert.deepEqual(texts, ["reading 1", "reading 1", "reading 1"]);
});

Deno.test("PacedExposition.read() fails where reading does, and reads again", async () => {
  let isBroken = true;
  const exposition = new PacedExposition({
    read: () => isBroken ? Promise.reject(new Error("broken")) : Promise.resolve("text"),
    nowMs: () => 0,
  });
  await assert.rejects(exposition.read(), /broken/);
  isBroken = false;
  assert.equal(await exposition.read(), "text");
});
