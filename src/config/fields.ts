/**
 * The kinds of values a configuration has, as zod schemas. See {@link https://zod.dev/api}.
 * @module
 */

import { z } from "zod";
import { type IpRange, parseIpRange } from "../iam/ip_range.ts";
import { LIMITS } from "../limits.ts";
import { parseByteSize } from "./byte_size.ts";
import { parseDuration } from "./duration.ts";
import { describeUnknownKeys } from "./issues.ts";

/**
 * Reads a text; throws a `SyntaxError` that tells what was expected and does not quote the text.
 */
export type ParseText<Value> = (text: string) => Value;

/** A mapping of these keys and no others. */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? describeUnknownKeys(issue.keys, Object.keys(shape))
        : undefined,
  });
}

/** A mapping that may be absent, or empty as when every line in it is commented out. */
export function optionalSection<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodPreprocess<z.ZodObject<Shape, z.core.$strict>> {
  return z.preprocess((value) => value ?? {}, section(shape));
}

/** A text that `parse` reads. */
export function text<Value>(parse: ParseText<Value>): z.ZodType<Value> {
  return z.string().transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });
}

/** A text that matches `expression`; `expected` completes "expected …". */
export function pattern(expression: RegExp, expected: string): z.ZodType<string> {
  return z.string().regex(expression, { error: `expected ${expected}` });
}

/** A text or a number that `parse` reads; the environment has texts only. */
export function scalar<Value>(parse: ParseText<Value>): z.ZodType<Value> {
  return z.preprocess((value) => typeof value === "number" ? String(value) : value, text(parse));
}

/** Milliseconds, above zero and at most `maxMs`. */
export function duration(maxMs: number = LIMITS.durationMsMax): z.ZodType<number> {
  return scalar((value) => {
    const milliseconds = positive(parseDuration(value));
    if (milliseconds <= maxMs) return milliseconds;
    throw new SyntaxError(`expected at most ${maxMs / 1000}s`);
  });
}

/** Milliseconds, or 0 for no limit. */
export function durationOrZero(): z.ZodType<number> {
  return scalar(parseDuration);
}

/** Bytes, above zero. */
export function byteSize(): z.ZodType<number> {
  return scalar((value) => positive(parseByteSize(value)));
}

/** How many of something, above zero. */
export function count(): z.ZodType<number> {
  return scalar((value) => {
    if (!/^\d{1,9}$/.test(value)) throw new SyntaxError("expected a whole number up to 999999999");
    return positive(Number(value));
  });
}

/** An address, or a range of them. */
export function ipRange(): z.ZodType<IpRange> {
  return text((value) => {
    const range = parseIpRange(value);
    if (range !== undefined) return range;
    throw new SyntaxError(
      'expected an address or range like "192.0.2.7", "10.0.0.0/8" or "fd00::/8"',
    );
  });
}

function positive(value: number): number {
  if (value <= 0) throw new SyntaxError("expected more than 0");
  return value;
}

/** A file's path, made absolute by `resolveFile`. */
export function filePath(resolveFile: (path: string) => string): z.ZodType<string> {
  return text((path) => {
    // Whole files are pasted where their names belong, and a path is told in messages.
    if (path === "" || /[\r\n]/.test(path)) throw new SyntaxError("expected a file's path");
    return resolveFile(path);
  });
}
