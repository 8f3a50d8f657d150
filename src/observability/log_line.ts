/**
 * One log record as one line: nothing a client sends can end it or steer a terminal.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** How much is logged: each level includes those after it. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts of one record, in their order; undefined ones are left out. Never a secret. */
export type LogFields =
  & Readonly<Record<string, string | number | boolean | undefined>>
  & { readonly level?: never; readonly ts?: never; readonly msg?: never };

/** One record, not yet text. */
export interface LogLine {
  readonly level: LogLevel;
  readonly timestamp: Date;
  readonly message: string;
  /** {@linkcode LogFields}; what a library adds beside these types is written as text. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a record looks like on the wire: one JSON object a line, or text for people. */
export type LogFormat = "json" | "text";

/** `line` in `format`, with its line feed. */
export function formatLogLine(line: LogLine, format: LogFormat): string {
  return (format === "json" ? formatJson(line) : formatText(line)) + "\n";
}

function formatJson({ level, timestamp, message, fields }: LogLine): string {
  const start = `{"level":"${level}","ts":"${timestamp.toISOString()}","msg":${quote(message)}`;
  // Only the fields become an object: one for the whole line would cost as much again.
  const rest = JSON.stringify(boundValues(fields));
  return start + (rest === "{}" ? "}" : `,${escapeNonPrinting(rest.slice(1))}`);
}

/** `fields` as a line has them, which they nearly always are. */
function boundValues(fields: LogLine["fields"]): LogLine["fields"] {
  for (const name in fields) {
    if (!isLogValue(fields[name])) {
      const bound = Object.entries(fields).map(([name, value]) => [name, toLogValue(value)]);
      return Object.fromEntries(bound);
    }
  }
  return fields;
}

function isLogValue(value: unknown): boolean {
  return typeof value === "string"
    ? value.length <= LIMITS.logFieldCharactersMax
    : typeof value === "number" || typeof value === "boolean" || value === undefined;
}

function formatText({ level, timestamp, message, fields }: LogLine): string {
  let text = `${timestamp.toISOString()} ${level.toUpperCase()} ${quote(message).slice(1, -1)}`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) text += ` ${name}=${formatTextValue(toLogValue(value))}`;
  }
  return text;
}

type LogValue = string | number | boolean | undefined;

function toLogValue(value: unknown): LogValue {
  if (typeof value === "number" || typeof value === "boolean" || value === undefined) return value;
  const text = String(value);
  const charactersMax = LIMITS.logFieldCharactersMax;
  return text.length > charactersMax ? text.slice(0, charactersMax) + "…" : text;
}

/** Visible ASCII but `"`, `=` and `\`. */
const BARE_VALUE = /^[!#-<>-[\]-~]+$/;

function formatTextValue(value: LogValue): string {
  const text = String(value);
  return BARE_VALUE.test(text) ? text : quote(text);
}

/** Printable ASCII but `"` and `\`: most values, which need no escaping. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : escapeNonPrinting(JSON.stringify(text));
}

const NON_ASCII = /[^ -~]/;
// Controls (C1 too: U+009B starts an escape sequence), marks of direction, unassigned and private
// code points, and the separators U+2028 and U+2029, at which some readers end a line.
const NON_PRINTING = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Escapes what `JSON.stringify` leaves as it is. */
function escapeNonPrinting(json: string): string {
  return NON_ASCII.test(json) ? json.replace(NON_PRINTING, escapeCodeUnits) : json;
}

function escapeCodeUnits(character: string): string {
  let escaped = "";
  for (let at = 0; at < character.length; at++) {
    escaped += "\\u" + character.charCodeAt(at).toString(16).padStart(4, "0");
  }
  return escaped;
}
