import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import { configureLogging, type Logger } from "../../../src/observability/log.ts";
import type { LogFormat, LogLevel } from "../../../src/observability/log_line.ts";

function createLogger(
  { level = "debug", format = "json" }: { level?: LogLevel; format?: LogFormat } = {},
): { logger: Logger; readLines: () => Promise<string[]> } {
  let written = "";
  const write = (lines: string): Promise<void> => {
    written += lines;
    return Promise.resolve();
  };
  const logger = configureLogging({ level, format, write });
  const readLines = async (): Promise<string[]> => {
    await logger.flush();
    return written.split("\n").slice(0, -1);
  };
  return { logger, readLines };
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

for (const [rank, level] of LEVELS.entries()) {
  Deno.test(`configureLogging() at ${level} writes that level and those above it`, async () => {
    const { logger, readLines } = createLogger({ level });
    for (const each of LEVELS) logger[each]("said", { at: each });
    const written = (await readLines()).map((line) => JSON.parse(line).level);
    assert.deepEqual(written, LEVELS.slice(rank));
    for (const each of LEVELS) assert.equal(logger.isEnabled(each), written.includes(each));
  });
}

Deno.test("Logger.info() does not replace braces in a message", async () => {
  const { logger, readLines } = createLogger();
  logger.info("key {user} {{x}} {*}", { user: "alice" });
  const [line = ""] = await readLines();
  assert.equal(JSON.parse(line).msg, "key {user} {{x}} {*}");
});

Deno.test("Logger.info() writes its time in UTC", async () => {
  const { logger, readLines } = createLogger();
  logger.info("hello");
  const [line = ""] = await readLines();
  assert.match(
    line,
    /^\{"level":"info","ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","msg":"hello"\}$/,
  );
});

Deno.test("Logger.reconfigure() changes level and format of later records", async () => {
  const { logger, readLines } = createLogger({ level: "error" });
  logger.info("unheard");
  logger.reconfigure({ level: "debug", format: "text" });
  logger.debug("heard", { user: "alice" });
  logger.reconfigure({ level: "warn", format: "json" });
  logger.info("unheard");
  const lines = await readLines();
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^\S+Z DEBUG heard user=alice$/);
});

Deno.test("Logger says how many lines were dropped while nobody read", async () => {
  const batches: string[] = [];
  const stalled = Promise.withResolvers<void>();
  const logger = configureLogging({
    level: "info",
    format: "json",
    write: async (lines) => {
      await stalled.promise;
      batches.push(lines);
    },
    now: () => new Date("2025-12-20T10:30:15.123Z"),
  });
  const filler = "x".repeat(LIMITS.logFieldCharactersMax);
  const logged = Math.ceil(LIMITS.logBufferCharactersMax / filler.length) + 10;
  for (let line = 0; line < logged; line++) logger.info("filler", { filler });
  const flushed = logger.flush();
  stalled.resolve();
  await flushed;
  const lines = batches.join("").split("\n").slice(0, -1);
  const dropped = logged - (lines.length - 1);
  assert.ok(dropped >= 10);
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ""), {
    level: "warn",
    ts: "2025-12-20T10:30:15.123Z",
    msg: "log lines dropped",
    lines: dropped,
  });
});

Deno.test("Logger.flush() gives up on a reader that never reads", async () => {
  const write = (): Promise<void> => new Promise(() => {});
  const logger = configureLogging({ level: "info", format: "json", write, flushTimeoutMs: 1 });
  logger.info("into the void");
  await logger.flush();
});

Deno.test("configureLogging() says on stderr that lines are lost, at once and then seldom, and counts them", async () => {
  let nowMs = 0;
  const notices: string[] = [];
  const logger = configureLogging({
    level: "info",
    format: "text",
    write: () => Promise.reject(new Error("EPIPE")),
    notice: (text) => notices.push(text),
    now: () => new Date(nowMs),
  });
  const lose = async (): Promise<void> => {
    logger.info("a line");
    await logger.flush();
  };
  await lose();
  assert.equal(logger.linesDropped(), 1);
  assert.deepEqual(notices, [
    "s3-proxy: 1 log lines are lost so far: whoever reads stdout is too slow, or gone\n",
  ]);
  await lose();
  assert.equal(notices.length, 1, "not for each of them");
  nowMs += LIMITS.logDroppedNoticeMs;
  await lose();
  assert.equal(logger.linesDropped(), 3);
  assert.match(notices[1] ?? "", /^s3-proxy: 3 log lines/);
});
