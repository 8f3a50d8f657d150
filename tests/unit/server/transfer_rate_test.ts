import assert from "node:assert/strict";
import { CoarseClock } from "../../../src/lib/coarse_clock.ts";
import { PiecePool } from "../../../src/lib/piece_pool.ts";
import { LIMITS } from "../../../src/limits.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { AnswerSender } from "../../../src/server/answer_sender.ts";
import { ClientBody } from "../../../src/server/client_body.ts";
import { IncomingBytes } from "../../../src/server/incoming_bytes.ts";

const MIN_BYTES_PER_SECOND = 1024;
const WINDOW_SECONDS = LIMITS.leastRateWindowMs / 1000;

/** A clock that a test sets. */
function createClock(): CoarseClock {
  const clock = new CoarseClock({ tickMs: 0 });
  clock.nowMs = 0;
  return clock;
}

/** Lets everything that waits for nothing have its turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A client that sends, or takes, `bytes` at each step; `step` says when. */
class TricklingClient {
  readonly #bytes: number;
  #next = Promise.withResolvers<number>();

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** What of a connection is used here. */
  get socket(): Deno.Conn {
    const wait = (): Promise<number> => this.#next.promise;
    return { read: wait, write: wait } as unknown as Deno.Conn;
  }

  async step(): Promise<void> {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve(this.#bytes);
    await settle();
  }
}

for (const [bytes, isTooSlow] of [[1023, true], [1100, false]] as const) {
  Deno.test(`X7 ClientBody whose client sends ${bytes} bytes a second ${isTooSlow ? "breaks" : "goes on"}`, async () => {
    const clock = createClock();
    const client = new TricklingClient(bytes);
    const body = new ClientBody({
      framing: { kind: "length", bytes: 1 << 30 },
      incoming: new IncomingBytes(client.socket, () => {}),
      clock,
      stallTimeoutMs: undefined,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      onFirstRead: () => {},
      onBroken: () => {},
    });
    let failure: unknown;
    const into = new Uint8Array(1 << 16);
    for (let second = 1; second <= 2 * WINDOW_SECONDS && failure === undefined; second++) {
      const reading = body.read(into).catch((error) => failure = error);
      await settle();
      clock.nowMs = second * 1000;
      body.check(clock.nowMs);
      await client.step();
      await reading;
    }
    const reason = failure instanceof S3Error ? `${failure.code} ${failure.reason}` : failure;
    assert.equal(reason, isTooSlow ? "RequestTimeout min_bytes_per_second" : undefined);
  });

  Deno.test(`X7 AnswerSender whose client takes ${bytes} bytes a second ${isTooSlow ? "ends" : "goes on"}`, async () => {
    const clock = createClock();
    const client = new TricklingClient(bytes);
    let isClosed = false;
    const sender = new AnswerSender({
      socket: client.socket,
      pieces: new PiecePool(),
      clock,
      stallTimeoutMs: undefined,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      close: () => void (isClosed = true),
    });
    const body = { read: (into: Uint8Array) => Promise.resolve(into.length), cancel: () => {} };
    const answer = { status: 200, headers: [], body, code: undefined };
    const options = { method: "GET", minorVersion: 1, closes: false } as const;
    void sender.send(answer, { ...options, isGone: false, isAbandoned: false });
    await settle();
    for (let second = 1; second <= 2 * WINDOW_SECONDS && !isClosed; second++) {
      clock.nowMs = second * 1000;
      await client.step();
      sender.check(clock.nowMs);
    }
    assert.equal(isClosed, isTooSlow);
  });
}

Deno.test("ClientBody.discard() reads no more at once than readAtOnceBytesMax, of all bodies together", async () => {
  let [bytes, inATurn, mostInATurn] = [0, 0, 0];
  const read = (into: Uint8Array): Promise<number | null> => {
    bytes += into.length;
    mostInATurn = Math.max(mostInATurn, inATurn += into.length);
    setTimeout(() => inATurn = 0, 0);
    return Promise.resolve(bytes <= 4 * LIMITS.readAtOnceBytesMax ? into.length : null);
  };
  const pieces = new PiecePool();
  const discard = (): Promise<void> =>
    new ClientBody({
      framing: { kind: "length", bytes: 1 << 30 },
      incoming: new IncomingBytes({ read } as unknown as Deno.Conn, () => {}),
      clock: createClock(),
      stallTimeoutMs: undefined,
      minBytesPerSecond: MIN_BYTES_PER_SECOND,
      onFirstRead: () => {},
      onBroken: () => {},
    }).discard({ pieces, isWanted: () => true }).catch(() => {}); // it ends before its length
  await Promise.all(Array.from({ length: 24 }, discard));
  assert.ok(bytes > 4 * LIMITS.readAtOnceBytesMax, `${bytes} bytes`);
  // What time has paid for meanwhile is read as well.
  assert.ok(mostInATurn <= 2 * LIMITS.readAtOnceBytesMax, `${mostInATurn} in one turn`);
  assert.equal(pieces.given, pieces.taken, "who waits for its turn holds none");
});
