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
  /** In milliseconds, as `Date` counts them. */
  readonly timestampMs: number;
  readonly message: string;
  readonly fields: LogFields;
}

/** What a record looks like on the wire: one JSON object a line, or text for people. */
export type LogFormat = "json" | "text";

/** `line` in `format`, with its line feed. */
export function formatLogLine(line: LogLine, format: LogFormat): string {
  return (format === "json" ? formatJson(line) : formatText(line)) + "\n";
}

/** A library's fields, of any types: what is none of {@linkcode LogFields} is written as text. */
export function toLogFields(fields: Readonly<Record<string, unknown>>): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, toLogValue(value)]),
  );
}

function formatJson({ level, timestampMs, message, fields }: LogLine): string {
  const timestamp = formatTimestamp(timestampMs);
  const start = `{"level":"${level}","ts":"${timestamp}","msg":${quote(message)}`;
  // Only the fields become an object: one for the whole line would cost as much again.
  const whole = JSON.stringify(fields);
  // Looking at each value would cost as much as writing them, and only in a long text there may be a long one.
  const rest = whole.length <= LIMITS.logFieldCharactersMax
    ? whole
    : JSON.stringify(toLogFields(fields));
  return start + (rest === "{}" ? "}" : `,${escapeNonPrinting(rest.slice(1))}`);
}

let second = NaN;
/** `2026-01-31T10:30:15.` of {@linkcode second}: writing a date costs as much as half of a line. */
let secondText = "";

/** As `Date.prototype.toISOString()`. */
function formatTimestamp(timestampMs: number): string {
  const ofSecond = Math.floor(timestampMs / 1000);
  if (ofSecond !== second) {
    secondText = new Date(timestampMs).toISOString().slice(0, -"123Z".length);
    second = ofSecond;
  }
  const milliseconds = String(timestampMs - 1000 * ofSecond).padStart(3, "0");
  return `${secondText}${milliseconds}Z`;
}

function formatText({ level, timestampMs, message, fields }: LogLine): string {
  let text = `${formatTimestamp(timestampMs)} ${level.toUpperCase()} ${
    quote(message).slice(1, -1)
  }`;
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
