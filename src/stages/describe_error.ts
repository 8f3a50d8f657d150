/**
 * What the log says of an error.
 * @module
 */

/** An object may be there without what was asked for. */
export const LOST = "the backend has not encrypted an object as it was asked to";
/** Reasons that are the operator's to mend, each with its line. */
export const LOUD_REASONS: ReadonlyMap<string, string> = new Map([
  ["backend_refused_signature", "the backend refuses the master credentials"],
  ["backend_is_not_s3", "the backend does not answer as S3"],
  ["backend_lost_header", LOST],
]);

/** Its name, its message, and those of what caused it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describeError(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}
