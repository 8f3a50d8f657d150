/**
 * The log: LogTape's records, one line each, on stdout. No other file writes there.
 * See {@link https://logtape.org/manual/config}.
 * @module
 */

import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import { type Clock, systemClock } from "../lib/clock.ts";
import { encodeUtf8 } from "../lib/bytes.ts";
import { endsWithin } from "../lib/deadline.ts";
import { LIMITS } from "../limits.ts";
import { LineBuffer, type WriteLines } from "./line_buffer.ts";
import {
  formatLogLine,
  type LogFields,
  type LogFormat,
  type LogLevel,
  toLogFields,
} from "./log_line.ts";

/** What a reload may change; from the configuration's `logging` section. */
export interface LoggingSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** What {@linkcode configureLogging} takes. */
export interface LoggingOptions extends LoggingSettings {
  /** Where lines go instead of stdout. */
  readonly write?: WriteLines;
  /** Time of every line. */
  readonly now?: Clock;
  /** Where it is said that lines were lost, instead of stderr. */
  readonly notice?: (text: string) => void;
  /** Replaces {@linkcode LIMITS.logFlushTimeoutMs}. */
  readonly flushTimeoutMs?: number;
}

/** Writes log lines; no call blocks or throws. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether a record of `level` would be written: ask before building costly fields. */
  isEnabled(level: LogLevel): boolean;
  /** Changes level and format of every record from now on. */
  reconfigure(settings: LoggingSettings): void;
  /** How many lines were lost so far: nobody reads them, or too slowly. */
  readonly linesDropped: () => number;
  /** Takes whole lines that another thread's logger has formatted. */
  pass(lines: string): void;
  /**
   * Resolves when the lines logged so far are written, or after
   * {@linkcode LIMITS.logFlushTimeoutMs}: no stalled reader keeps the program from ending.
   */
  flush(): Promise<void>;
}

const CATEGORY = "s3-proxy";

/** Starts logging. LogTape has one configuration a process: a second call takes over. */
export function configureLogging(options: LoggingOptions): Logger {
  const {
    write = writeStdout,
    notice = writeStderr,
    now = systemClock,
    flushTimeoutMs = LIMITS.logFlushTimeoutMs,
  } = options;
  let { level, format }: LoggingSettings = options;

  let linesDropped = 0;
  let noticedMs = -Infinity;
  const dropped = (lines: number): void => {
    linesDropped += lines;
    const nowMs = now().getTime();
    if (nowMs - noticedMs < LIMITS.logDroppedNoticeMs) return;
    noticedMs = nowMs;
    notice(
      `s3-proxy: ${linesDropped} log lines are lost so far: whoever reads stdout is too slow, or gone\n`,
    );
  };
  const buffer = new LineBuffer({
    write,
    dropped,
    formatDropped: (lines) =>
      formatLogLine({
        level: "warn",
        timestampMs: now().getTime(),
        message: "log lines dropped",
        fields: { lines },
      }, format),
  });
  const logger = getLogger(CATEGORY);
  const { category: own } = logger;
  const sink = (record: LogRecord): void => buffer.push(formatRecord(record, { format, own }));
  // What LogTape's own sinks say that keep no record: it then makes no copy of each.
  Object.assign(sink, { [Symbol.for("LogTape.sinkSnapshotPolicy.immediate")]: true });
  configureLogTape(sink, level);

  // A whole record: making one out of a template and its values costs a small request as much as its signature.
  const log = (level: LogRecord["level"], message: string, properties: LogFields = {}): void => {
    const record: LogRecord = {
      category: own,
      level,
      message: [message],
      rawMessage: message,
      timestamp: now().getTime(),
      properties,
    };
    logger.emit(record);
  };
  return Object.freeze<Logger>({
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warning", message, fields),
    error: (message, fields) => log("error", message, fields),
    isEnabled: (asked) => logger.isEnabledFor(toLogTapeLevel(asked)),
    reconfigure: (settings) => {
      ({ level, format } = settings);
      configureLogTape(sink, level);
    },
    linesDropped: () => linesDropped,
    pass: (lines) => buffer.push(lines),
    flush: async () => void await endsWithin(flushTimeoutMs, buffer.flush()),
  });
}

function configureLogTape(sink: (record: LogRecord) => void, level: LogLevel): void {
  configureSync({
    reset: true,
    sinks: { lines: sink },
    loggers: [
      { category: CATEGORY, sinks: ["lines"], lowestLevel: toLogTapeLevel(level) },
      // LogTape's own messages; without this they go to the console.
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
}

function toLogTapeLevel(level: LogLevel): Exclude<LogLevel, "warn"> | "warning" {
  return level === "warn" ? "warning" : level;
}

function formatRecord(
  { level, timestamp, rawMessage, properties, category }: LogRecord,
  { format, own }: { format: LogFormat; own: LogRecord["category"] },
): string {
  return formatLogLine({
    level: fromLogTapeLevel(level),
    timestampMs: timestamp,
    message: String(rawMessage),
    // LogTape's own messages tell of errors and whatever else.
    fields: category === own ? properties as LogFields : toLogFields(properties), // those of log()
  }, format);
}

function fromLogTapeLevel(level: LogRecord["level"]): LogLevel {
  switch (level) {
    case "trace":
    case "debug":
      return "debug";
    case "info":
      return "info";
    case "warning":
      return "warn";
    case "error":
    case "fatal":
      return "error";
  }
}

async function writeStdout(lines: string): Promise<void> {
  let rest = encodeUtf8(lines);
  while (rest.length > 0) rest = rest.subarray(await Deno.stdout.write(rest));
}

/** Nobody waits for this write, so a reader of stderr that stalls holds nothing up. */
function writeStderr(text: string): void {
  Deno.stderr.write(encodeUtf8(text)).catch(() => {}); // there is nowhere else to say it
}
