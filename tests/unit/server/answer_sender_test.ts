import assert from "node:assert/strict";
import { CoarseClock } from "../../../src/lib/coarse_clock.ts";
import { PiecePool } from "../../../src/lib/piece_pool.ts";
import { LIMITS } from "../../../src/limits.ts";
import { AnswerSender } from "../../../src/server/answer_sender.ts";
import type { ClientSocket } from "../../../src/server/client_socket.ts";

const GET = {
  ...{ method: "GET", minorVersion: 1, closes: false } as const,
  ...{ isGone: false, isAbandoned: false },
};

/** Sends a body of `reads`, each as much as its reader takes, to `write`; -1 fails. Returns how it ended, and the longest write. */
async function send(
  reads: number[],
  { pieces, write = (bytes) => Promise.resolve(bytes.length) }: {
    pieces: PiecePool;
    write?: ClientSocket["write"];
  },
): Promise<{ ending: string; longest: number }> {
  let longest = 0;
  const body = {
    read: (into: Uint8Array): Promise<number> => {
      const bytes = reads.shift() ?? 0;
      return bytes < 0
        ? Promise.reject(new Error())
        : Promise.resolve(Math.min(bytes, into.length));
    },
    cancel: () => {},
  };
  const sender = new AnswerSender({
    socket: {
      read: () => Promise.resolve(null),
      write: (bytes) => {
        longest = Math.max(longest, bytes.length);
        return write(bytes);
      },
      close: () => {},
    },
    pieces,
    clock: new CoarseClock({ tickMs: 0 }),
    stallTimeoutMs: undefined,
    minBytesPerSecond: 0,
    close: () => {},
  });
  const ending = await sender.send({ status: 200, headers: [], body, code: undefined }, GET);
  return { ending, longest };
}

const MUCH = 2 * LIMITS.bodyPieceBytesMax;

Deno.test("AnswerSender.send() that breaks off leaves its large piece to others", async () => {
  const pieces = new PiecePool();
  for (let answers = 0; answers < LIMITS.largeTransfersMax; answers++) {
    assert.equal((await send([MUCH, MUCH, -1], { pieces })).ending, "backend_closed");
    let writes = 0;
    const write = (bytes: Uint8Array): Promise<number> =>
      ++writes === 4 ? Promise.reject(new Error()) : Promise.resolve(bytes.length);
    assert.equal((await send([MUCH, MUCH, MUCH], { pieces, write })).ending, "client_closed");
  }
  const { ending, longest } = await send([MUCH, MUCH], { pieces });
  assert.equal(ending, "complete");
  assert.ok(longest > LIMITS.transferPieceBytes, `${longest} bytes at once`);
});

Deno.test("AnswerSender.send() passes what comes slowly through a small piece", async () => {
  const { ending, longest } = await send([1000, 1000, 1000], { pieces: new PiecePool() });
  assert.equal(ending, "complete");
  assert.ok(longest < LIMITS.transferPieceBytes);
});
