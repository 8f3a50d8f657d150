import assert from "node:assert/strict";
import { CoarseClock } from "../../../src/lib/coarse_clock.ts";
import { encodeUtf8 } from "../../../src/lib/bytes.ts";
import { PiecePool } from "../../../src/lib/piece_pool.ts";
import { ClientConnection } from "../../../src/server/client_connection.ts";
import type { ConnectionSettings } from "../../../src/server/connection_settings.ts";
import { HeadMemory } from "../../../src/server/head_memory.ts";
import type { AnswerRequest } from "../../../src/server/listener.ts";
import { beforeDeadline } from "../../support/deadline.ts";

const HEAD_TIMEOUT_MS = 30_000;

/** A client that sends `text` and reads nothing: what is written to it waits for its end. */
function connectDeafClient(text: string): { socket: Deno.Conn; writing: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const incoming = encodeUtf8(text);
  let sent = 0;
  const socket = {
    read: (into: Uint8Array): Promise<number> => {
      const piece = incoming.subarray(sent, sent + into.length);
      if (piece.length === 0) return ended.promise;
      into.set(piece);
      sent += piece.length;
      return Promise.resolve(piece.length);
    },
    write: (): Promise<number> => {
      begun.resolve();
      return ended.promise;
    },
    close: () => ended.reject(new Deno.errors.Interrupted("closed")),
  };
  // `as` is true as far as it is used: a connection reads, writes and closes.
  return { socket: socket as unknown as Deno.Conn, writing: begun.promise };
}

/** Runs a connection whose only write waits, and looks at it when its time is over. */
async function runUntilLate(text: string, answer: AnswerRequest): Promise<void> {
  const { socket, writing } = connectDeafClient(text);
  const clock = new CoarseClock({ tickMs: 100 });
  const settings: ConnectionSettings = {
    scheme: "http",
    maxHeaderBytes: 16_384,
    headTimeoutMs: HEAD_TIMEOUT_MS,
    readTimeoutMs: undefined,
    writeTimeoutMs: undefined,
    idleTimeoutMs: undefined,
    minBytesPerSecond: 0,
    answer,
    clock,
    pieces: new PiecePool(),
    logger: undefined,
    isClosing: () => false,
    heads: new HeadMemory(16_384),
    connections: {
      beginWait: () => {},
      endWait: () => true,
      beginDiscard: () => {},
      endDiscard: () => {},
    },
  };
  const connection = new ClientConnection({ socket, clientAddress: "192.0.2.1" }, settings);
  let isOver = false;
  const ran = connection.run().then(() => isOver = true);
  await beforeDeadline(writing, "a write");
  connection.check(clock.nowMs + HEAD_TIMEOUT_MS - 1);
  await Promise.resolve();
  assert.equal(isOver, false);
  connection.check(clock.after(HEAD_TIMEOUT_MS));
  await beforeDeadline(ran, "the connection's end");
}

Deno.test("ClientConnection ends where nobody reads the refusal of what is no HTTP", async () => {
  await runUntilLate("no request\r\n\r\n", () => assert.fail("it is none"));
});

Deno.test("ClientConnection ends where nobody reads that it may go on with its body", async () => {
  const head = "PUT /k HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  const endings: string[] = [];
  await runUntilLate(head, (raw) => {
    assert.ok(raw.body !== null && !(raw.body instanceof ReadableStream));
    raw.body.read(new Uint8Array(3)).catch(() => {});
    const answer = { status: 400, headers: [], body: null, code: "RequestTimeout" };
    return Promise.resolve({ answer, ended: (ending) => void endings.push(ending) });
  });
  assert.deepEqual(endings, ["client_closed"]);
});
