/**
 * Instants as RFC 3339 writes them: `2027-01-31T00:00:00Z`.
 * See {@link https://www.rfc-editor.org/rfc/rfc3339#section-5.6}.
 * @module
 */

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-\d{2}$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const EXPECTED = 'expected a date, time and zone like "2027-01-31T00:00:00Z"';

/**
 * Reads an instant. A zone is asked for: an hour that depends on the machine is no expiry.
 * @throws {SyntaxError} When it is anything else, or a day the calendar does not have.
 */
export function parseTimestamp(text: string): Date {
  const [date = "", time = "", ...rest] = text.split("T");
  // V8 reads 30 February as 2 March.
  const isDay = DATE.test(date) && new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date);
  if (!isDay || !TIME.test(time) || rest.length > 0) throw new SyntaxError(EXPECTED);
  return new Date(text);
}
