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
  if (!AMZ_DATE.test(text)) return undefined;
  const instant = new Date(text.replace(AMZ_DATE, "$1-$2-$3T$4:$5:$6Z"));
  // A month that does not exist makes no date, a day or an hour another one.
  if (Number.isNaN(instant.getTime()) || formatAmzDate(instant) !== text) return undefined;
  // `as` is true: AMZ_DATE matched.
  return { amzDate: text as AmzDate, instant };
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
