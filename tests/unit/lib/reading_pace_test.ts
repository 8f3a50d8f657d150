import assert from "node:assert/strict";
import { ReadingPace } from "../../../src/lib/reading_pace.ts";
import { LIMITS } from "../../../src/limits.ts";

const PIECE_BYTES = 64 * 1024;
const AT_ONCE = LIMITS.readAtOnceBytesMax / PIECE_BYTES;

Deno.test("ReadingPace lets readAtOnceBytesMax be read at once, and has what goes beyond wait", async () => {
  const pace = new ReadingPace();
  let pieces = 0;
  let turn: Promise<void> | undefined;
  for (; turn === undefined; pieces++) turn = pace.take("a", { bytes: PIECE_BYTES });
  // Time pays for some while it is counted.
  assert.ok(pieces > AT_ONCE && pieces < 2 * AT_ONCE, `${pieces} pieces`);
  await turn;
});

Deno.test("ReadingPace lets readBytesPerSecondMax be read in a second", async () => {
  const pace = new ReadingPace();
  const startedMs = performance.now();
  let bytes = 0;
  const read = async (): Promise<void> => {
    for (let count = 0; count < AT_ONCE; count++) {
      await pace.take("a", { bytes: PIECE_BYTES });
      bytes += PIECE_BYTES;
    }
  };
  await Promise.all([read(), read(), read(), read()]);
  // Of what was counted, not of how long it took: however slow the machine is, no more was let through.
  const seconds = (performance.now() - startedMs) / 1000;
  const most = LIMITS.readAtOnceBytesMax + seconds * LIMITS.readBytesPerSecondMax + PIECE_BYTES;
  assert.ok(bytes <= most, `${bytes} bytes in ${seconds} s`);
});

Deno.test("ReadingPace takes users in turn", async () => {
  const pace = new ReadingPace();
  pace.take("greedy", { bytes: 2 * LIMITS.readAtOnceBytesMax });
  const order: string[] = [];
  const read = async (user: string): Promise<void> => {
    await pace.take(user, { bytes: PIECE_BYTES });
    order.push(user);
  };
  await Promise.all([...Array.from({ length: 5 }, () => read("greedy")), read("quiet")]);
  assert.equal(order.indexOf("quiet"), 1);
});

Deno.test("ReadingPace has nobody wait for what is not wanted any more", async () => {
  const pace = new ReadingPace();
  pace.take("a", { bytes: LIMITS.readAtOnceBytesMax });
  const startedMs = performance.now();
  const second = { bytes: LIMITS.readBytesPerSecondMax };
  for (let count = 0; count < 60; count++) pace.take("a", { ...second, isWanted: () => false });
  await pace.take("a", { bytes: PIECE_BYTES });
  assert.ok(performance.now() - startedMs < 30_000, "a minute, were they counted");
});
