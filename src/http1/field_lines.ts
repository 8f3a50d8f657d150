/**
 * The field lines of a head: RFC 9112 §5.
 * @module
 */

import { LIMITS } from "../limits.ts";
import { addToHash, findFieldName } from "./field_names.ts";
import { BrokenRule } from "./refusals.ts";
import { COLON, CR, FIELD_VALUE, LF, SPACE, TAB, TOKEN_LOWER } from "./syntax.ts";

/** Where in its bytes something lies; `end` is behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const INCOMPLETE = -1;
/** What is noted of a line: where its name and its value begin and end, and the name's hash. */
const NOTES = 5;
/** One array for all heads, since each is read in one go: a head that is not complete yet is read again from its beginning later. */
const notes = new Int32Array(NOTES * LIMITS.headFieldsMax);
let lines = 0;

/**
 * Reads field lines and the empty line behind them, and notes where they lie. Returns where that line ends, or -1 where
 * it has not come yet.
 * @throws {BrokenRule} of the rules on lines and fields.
 */
export function scanFieldLines(bytes: Uint8Array, { start, end }: Span): number {
  let at = start;
  for (lines = 0; at < end; lines++) {
    if (bytes[at] === CR) {
      if (at + 1 === end) return INCOMPLETE;
      if (bytes[at + 1] !== LF) throw new BrokenRule("bare_line_end");
      return at + 2;
    }
    if (lines === LIMITS.headFieldsMax) throw new BrokenRule("too_many_fields");
    at = scanName(bytes, { start: at, end });
    if (at < 0) return INCOMPLETE;
    at = scanValue(bytes, { start: at, end });
    if (at < 0) return INCOMPLETE;
  }
  return INCOMPLETE;
}

/** Returns where the value begins, blanks and all. */
function scanName(bytes: Uint8Array, { start, end }: Span): number {
  let hash = 0;
  let at = start;
  for (; at < end; at++) {
    const lower = TOKEN_LOWER[bytes[at] ?? 0] ?? 0;
    if (lower === 0) break;
    hash = addToHash(hash, lower);
  }
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== COLON || at === start) {
    throw new BrokenRule(findFaultOfName(bytes[at] ?? 0, { isFirst: at === start }));
  }
  const note = lines * NOTES;
  notes[note] = start;
  notes[note + 1] = at;
  notes[note + 2] = hash;
  return at + 1;
}

function findFaultOfName(byte: number, { isFirst }: { isFirst: boolean }): BrokenRule["rule"] {
  const isBlank = byte === SPACE || byte === TAB;
  // RFC 9112 §2.2 has such a line behind the start line, §5.2 behind another field: neither is read.
  if (isBlank && isFirst) return lines === 0 ? "blank_before_fields" : "folded_line";
  if (isBlank) return "blank_before_colon";
  return byte === LF && isFirst ? "bare_line_end" : "field_name";
}

/** Returns where the next line begins. */
function scanValue(bytes: Uint8Array, { start, end }: Span): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  const first = at;
  while (at < end && FIELD_VALUE[bytes[at] ?? 0] === 1) at++;
  if (at === end) return INCOMPLETE;
  if (bytes[at] !== CR) {
    throw new BrokenRule(bytes[at] === LF ? "bare_line_end" : "field_value");
  }
  if (at + 1 === end) return INCOMPLETE;
  if (bytes[at + 1] !== LF) throw new BrokenRule("bare_line_end");
  let last = at;
  while (last > first && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--;
  const note = lines * NOTES;
  notes[note + 3] = first;
  notes[note + 4] = last;
  return at + 2;
}

/**
 * The fields that were noted, by lower-case name. `text` is the head's, one character a byte, beginning with byte
 * `offset`. The values of a field that is given twice are joined by `, `: RFC 9110 §5.2.
 * @throws {BrokenRule} where a field that decides where a request goes, or where a message ends, is given twice.
 */
export function buildFields(
  bytes: Uint8Array,
  { text, offset }: { text: string; offset: number },
): Map<string, string> {
  const fields = new Map<string, string>();
  for (let line = 0; line < lines; line++) {
    const note = line * NOTES;
    const name = readName(bytes, note) ??
      text.slice((notes[note] ?? 0) - offset, (notes[note + 1] ?? 0) - offset).toLowerCase();
    const value = text.slice((notes[note + 3] ?? 0) - offset, (notes[note + 4] ?? 0) - offset);
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : joinValues(name, { before, value }));
  }
  return fields;
}

/** The name noted at `note` where it is a common one. */
function readName(bytes: Uint8Array, note: number): string | undefined {
  const name = findFieldName(notes[note + 2] ?? 0);
  const start = notes[note] ?? 0;
  if (name === undefined || name.length !== (notes[note + 1] ?? 0) - start) return undefined;
  for (let at = 0; at < name.length; at++) {
    if (name.charCodeAt(at) !== TOKEN_LOWER[bytes[start + at] ?? 0]) return undefined;
  }
  return name;
}

function joinValues(name: string, { before, value }: { before: string; value: string }): string {
  switch (name) {
    case "host":
      throw new BrokenRule("host_repeated");
    case "content-length":
      throw new BrokenRule("length_repeated");
    default:
      return `${before}, ${value}`;
  }
}
