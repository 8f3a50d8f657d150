/**
 * `x-amz-date`: ISO 8601's basic format, `YYYYMMDDTHHMMSSZ`.
 * @module
 */

import type { Brand } from "../lib/brand.ts";

/** A date as the wire has it: `20130524T000000Z`. */
export type AmzDate = Brand<string, "AmzDate">;

const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
// RFC 9110 §5.6.7, the preferred format.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Reads the wire's form; `undefined` for any other, and for days and hours that do not exist. */
export function parseAmzDate(text: string): { amzDate: AmzDate; instant: Date } | undefined {
  const match = AMZ_DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const instant = new Date(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T00:00:00Z`);
  if (Number.isNaN(instant.getTime())) return undefined;
  instant.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0);
  const exists = instant.getUTCFullYear() === year && instant.getUTCMonth() + 1 === month &&
    instant.getUTCDate() === day && instant.getUTCHours() === hour &&
    instant.getUTCMinutes() === minute && instant.getUTCSeconds() === second;
  // `as` is true: AMZ_DATE matched.
  return exists ? { amzDate: text as AmzDate, instant } : undefined;
}

/** Reads a `Date` header, which SigV4 allows in place of `x-amz-date`, in either format. */
export function parseDateHeader(text: string): { amzDate: AmzDate; instant: Date } | undefined {
  if (!HTTP_DATE.test(text)) return parseAmzDate(text);
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : { amzDate: formatAmzDate(instant), instant };
}

/** The wire's form of `instant`, its milliseconds cut. */
export function formatAmzDate(instant: Date): AmzDate {
  // `as` is true: an ISO date without its punctuation and milliseconds is the basic format.
  return instant.toISOString().replace(/[-:]|\.\d{3}/g, "") as AmzDate;
}
