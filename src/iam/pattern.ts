/**
 * IAM's patterns: `*` stands for any text (slashes too), `?` for one code point, everything else
 * for itself. Parsed once, at load, into runs between stars; each run is then looked for once, from
 * left to right, so no star is ever tried again and a thousand cost as much as one.
 * See {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards}.
 * @module
 */

import { assert } from "../lib/assert.ts";
import { findAll, findText } from "./text_search.ts";

/** One part of a pattern; `one` is `?` and `any` is `*`. */
export type PatternPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "any" };

/** Text without stars: literals, with one `?` between each two of them. INVARIANT: never empty. */
type Run = readonly string[];

/** A parsed pattern. */
export interface Pattern {
  /** What stands before, between and behind the stars. INVARIANT: never empty. */
  readonly runs: readonly Run[];
  /** The only text that matches, where there is neither `*` nor `?`. */
  readonly literal: string | undefined;
  /** What every text that matches starts with, and ends with. */
  readonly head: string;
  readonly tail: string;
  /** Whether it is `*` alone. */
  readonly isAny: boolean;
}

/** Up to this many characters, a run is tried at one place after the other, which takes a millisecond or two at worst. */
const COMPARISONS_MAX = 1 << 20;

/** Reads `text`, in which `*` and `?` are wildcards. */
export function parsePattern(text: string): Pattern {
  return buildPattern(parsePatternParts(text));
}

/** The parts of `text`, in which `*` and `?` are wildcards. */
export function parsePatternParts(text: string): PatternPart[] {
  return text.split(/([*?])/).filter(Boolean).map((part) => {
    if (part === "*") return { kind: "any" };
    return part === "?" ? { kind: "one" } : { kind: "text", text: part };
  });
}

/** Puts a pattern together; text is literal, whatever is in it. */
export function buildPattern(parts: readonly PatternPart[]): Pattern {
  let run = [""];
  const runs = [run];
  for (const part of parts) {
    if (part.kind === "any") runs.push(run = [""]);
    else if (part.kind === "one") run.push("");
    else run.push((run.pop() ?? "") + part.text);
  }
  // `a**b` has an empty run between its stars, which any text holds.
  const last = runs.length - 1;
  const kept = runs.filter((run, index) => index === 0 || index === last || !isEmpty(run));
  const literal = runs.length === 1 && run.length === 1 ? run[0] : undefined;
  const head = runs[0]?.[0] ?? "";
  const isAny = kept.length === 2 && kept.every(isEmpty);
  return { runs: kept, literal, head, tail: run.at(-1) ?? "", isAny };
}

/** The pattern as it was written, for people. */
export function formatPattern({ runs }: Pattern): string {
  return runs.map((run) => run.join("?")).join("*");
}

/** Whether all of `text` is what `pattern` says. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  if (pattern.literal !== undefined) return pattern.literal === text;
  if (pattern.isAny) return true;
  const { runs, head, tail } = pattern;
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  const first = runs[0];
  const last = runs[runs.length - 1];
  assert(first !== undefined && last !== undefined, "a pattern has a run");
  let position = first.length === 1 ? head.length : matchForwards(first, { text, start: 0 });
  if (runs.length === 1) return position === text.length;
  const lastStart = last.length === 1 ? text.length - tail.length : matchBackwards(last, text);
  if (position < 0 || lastStart < position) return false;
  for (let index = 1; index < runs.length - 1; index++) {
    position = findEnd(runs[index] ?? last, { text, start: position });
    if (position < 0 || position > lastStart) return false;
  }
  return true;
}

/** Whether some text that starts with `start` is what `pattern` says. */
export function canStartWith(pattern: Pattern, start: string): boolean {
  if (pattern.literal !== undefined) return pattern.literal.startsWith(start);
  const head = pattern.runs[0];
  assert(head !== undefined, "a pattern has a run");
  let position = 0;
  for (const [index, literal] of head.entries()) {
    if (index > 0) position = skipCodePoint(start, position);
    // Behind the end of `start` anything may come.
    if (position < 0 || position >= start.length) return true;
    const length = Math.min(literal.length, start.length - position);
    if (!start.startsWith(literal.slice(0, length), position)) return false;
    position += literal.length;
  }
  return pattern.runs.length > 1 || position >= start.length;
}

/** Whether `pattern` matches `start` and whatever follows it. */
export function matchesAllFrom(pattern: Pattern, start: string): boolean {
  const last = pattern.runs.at(-1);
  return pattern.runs.length > 1 && last !== undefined && isEmpty(last) &&
    matchesPattern(pattern, start);
}

function isEmpty(run: Run): boolean {
  return run.length === 1 && run[0] === "";
}

/** Where `run` ends if it begins at `start`, else -1. */
function matchForwards(run: Run, { text, start }: { text: string; start: number }): number {
  let position = start;
  for (let index = 0; index < run.length; index++) {
    if (index > 0) position = skipCodePoint(text, position);
    const literal = run[index] ?? "";
    if (position < 0 || !text.startsWith(literal, position)) return -1;
    position += literal.length;
  }
  return position;
}

/** Where `run` begins if it ends where `text` does, else -1. */
function matchBackwards(run: Run, text: string): number {
  let position = text.length;
  for (let index = run.length - 1; index >= 0; index--) {
    const literal = run[index] ?? "";
    if (!text.endsWith(literal, position)) return -1;
    position -= literal.length;
    if (index === 0) return position;
    position = skipCodePointBackwards(text, position);
    if (position < 0) return -1;
  }
  return position;
}

/** Where the first `run` at or behind `start` ends, else -1. */
function findEnd(run: Run, { text, start }: { text: string; start: number }): number {
  const literal = run[0] ?? "";
  let position = findText(text, { wanted: literal, start });
  if (position < 0 || run.length === 1) return position < 0 ? -1 : position + literal.length;
  const characters = run.reduce((sum, { length }) => sum + length + 1, 0);
  if (characters * text.length > COMPARISONS_MAX) return findSpacedEnd(run, { text, start });
  while (position >= 0) {
    const end = matchForwards(run, { text, start: position });
    if (end >= 0) return end;
    const next = skipCodePoint(text, position);
    position = next < 0 ? -1 : text.indexOf(literal, next);
  }
  return -1;
}

/** The same: all places of each literal are found at once, and those kept that stand one code point behind one of those before. */
export function findSpacedEnd(run: Run, { text, start }: { text: string; start: number }): number {
  let starts: number[] | undefined;
  let length = 0;
  for (const literal of run) {
    const ends: number[] | undefined = starts?.map((position) =>
      skipCodePoint(text, position + length)
    ).filter((position) => position >= 0);
    const found = literal === ""
      ? Array.from({ length: text.length + 1 - start }, (_, index) => start + index)
      : [...findAll(text, { wanted: literal, start })];
    const known = new Set(found);
    starts = ends === undefined ? found : ends.filter((position) => known.has(position));
    length = literal.length;
  }
  const first = starts?.[0];
  return first === undefined ? -1 : first + length;
}

/** The position behind the code point at `position`, or -1 at the end. */
function skipCodePoint(text: string, position: number): number {
  const codePoint = text.codePointAt(position);
  if (codePoint === undefined) return -1;
  return position + (codePoint > 0xffff ? 2 : 1);
}

/** The position of the code point before `position`, or -1 at the start. */
function skipCodePointBackwards(text: string, position: number): number {
  if (position === 0) return -1;
  const codePoint = text.codePointAt(position - 2);
  return position - (position > 1 && codePoint !== undefined && codePoint > 0xffff ? 2 : 1);
}
