/**
 * `x-amz-date`: ISO 8601's basic format, `YYYYMMDDTHHMMSSZ`.
 * @module
 */

import type { Brand } from "../lib/brand.ts";

/** A date as the wire has it: `20130524T000000Z`. */
export type AmzDate = Brand<string, "AmzDate">;

/** A date, read. */
export interface ParsedDate {
  readonly amzDate: AmzDate;
  readonly instant: Date;
}

const AMZ_DATE = /^\d{8}T\d{6}Z$/;
// RFC 9110 §5.6.7, the preferred format.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The last that was read: of a client's many requests a second, and of a URL that many have. */
let lastRead: ParsedDate | undefined;

/** Reads the wire's form; `undefined` for any other, and for days and hours that do not exist. */
export function parseAmzDate(text: string): ParsedDate | undefined {
  if (lastRead?.amzDate !== text) lastRead = readAmzDate(text) ?? lastRead;
  return lastRead?.amzDate === text ? lastRead : undefined;
}

function readAmzDate(text: string): ParsedDate | undefined {
  if (!AMZ_DATE.test(text)) return undefined;
  const number = (from: number, to: number): number => Number(text.slice(from, to));
  const instant = new Date(Date.UTC(
    number(0, 4),
    number(4, 6) - 1,
    number(6, 8),
    number(9, 11),
    number(11, 13),
    number(13, 15),
  ));
  // What does not exist makes another instant: month 13, 30 February, hour 25.
  if (formatDate(instant) !== text) return undefined;
  // `as` is true: AMZ_DATE matched.
  return { amzDate: text as AmzDate, instant };
}

/** Reads a `Date` header, which SigV4 allows in place of `x-amz-date`, in either format. */
export function parseDateHeader(text: string): ParsedDate | undefined {
  if (!HTTP_DATE.test(text)) return parseAmzDate(text);
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : { amzDate: formatAmzDate(instant), instant };
}

/** The last second that was formatted: requests come many a second. */
let last: { readonly second: number; readonly amzDate: AmzDate } | undefined;

/** The wire's form of `instant`, its milliseconds cut. */
export function formatAmzDate(instant: Date): AmzDate {
  const second = Math.floor(instant.getTime() / 1000);
  if (last?.second !== second) last = { second, amzDate: formatDate(instant) };
  return last.amzDate;
}

function formatDate(instant: Date): AmzDate {
  const iso = instant.toISOString();
  // `as` is true: an ISO date without its punctuation and milliseconds is the basic format.
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${
    iso.slice(17, 19)
  }Z` as AmzDate;
}
