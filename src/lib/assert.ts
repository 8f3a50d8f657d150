/**
 * Assertions for our own mistakes. What a client or a backend can cause is never asserted: it is parsed.
 * @module
 */

/** A broken invariant of this program; clients see `InternalError` without any detail. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws {@linkcode AssertionError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Closes a `switch` over a union: a variant nobody handled does not compile. */
export function assertNever(value: never): never {
  throw new AssertionError(`Unexpected variant: ${JSON.stringify(value)}`);
}
