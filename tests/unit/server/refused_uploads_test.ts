import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { RefusedUploads } from "../../../src/server/refused_uploads.ts";

Deno.test("RefusedUploads.discard() cuts the longest off where there are more than discardingConnectionsMax", async () => {
  const before = LIMITS.discardingConnectionsMax;
  Object.assign(LIMITS, { discardingConnectionsMax: 2 });
  try {
    const refused = new RefusedUploads();
    const ended: number[] = [];
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const begin = (at: number): void =>
      refused.discard(
        new ReadableStream({
          type: "bytes",
          start: (controller) =>
            void ends[at]?.promise.then(() => {
              controller.close();
              controller.byobRequest?.respond(0);
            }),
          cancel: () => void ended.push(at),
        }),
      );
    for (const at of [0, 1]) begin(at);
    assert.deepEqual(ended, []);
    begin(2);
    assert.deepEqual(ended, [0]);
    ends[1]?.resolve(); // it makes room
    await new Promise((resolve) => setTimeout(resolve, 0));
    begin(3);
    assert.deepEqual(ended, [0]);
    for (const at of [2, 3]) ends[at]?.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
  } finally {
    Object.assign(LIMITS, { discardingConnectionsMax: before });
  }
});
