import assert from "node:assert/strict";
import { acceptConnections, AcceptPause } from "../../../src/server/accept_loop.ts";
import { LIMITS } from "../../../src/limits.ts";
import { createRecordingLogger } from "../../support/recording_logger.ts";

/** A listener that does what `results` say, one at a time, and is closed after that. */
function createAcceptor(results: readonly (number | Error)[]): { accept(): Promise<number> } {
  const left = [...results];
  return {
    accept: () => {
      const next = left.shift() ?? new Deno.errors.BadResource("Listener has been closed");
      return typeof next === "number" ? Promise.resolve(next) : Promise.reject(next);
    },
  };
}

Deno.test("acceptConnections() goes on after no file descriptor was left, and says so once", async () => {
  const exhausted = Object.assign(new Error("Too many open files (os error 24)"), {
    code: "EMFILE",
  });
  const { logger, errors } = createRecordingLogger();
  const accepted: number[] = [];
  const before = performance.now();
  await acceptConnections(createAcceptor([1, exhausted, exhausted, 2, exhausted, 3]), {
    accepted: (connection) => accepted.push(connection),
    pause: new AcceptPause(logger, "metrics"),
  });
  assert.deepEqual(accepted, [1, 2, 3]);
  assert.ok(
    performance.now() - before >= 3 * LIMITS.acceptPauseMs - 10,
    "it does not turn in circles",
  );
  assert.deepEqual(errors, [{
    message: "no connection can be accepted for now; accepting pauses and goes on",
    listener: "metrics",
    error: String(exhausted),
  }]);
});

Deno.test("acceptConnections() ends when its listener is closed, without a word", async () => {
  const { logger, errors } = createRecordingLogger();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pause = new AcceptPause(logger, "metrics");
  const ended = acceptConnections(listener, { accepted: () => assert.fail("nobody came"), pause });
  listener.close();
  await ended;
  assert.deepEqual(errors, []);
});
