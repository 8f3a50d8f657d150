/**
 * Turns a test that would hang into one that fails.
 * @module
 */

const DEADLINE_MS = 20_000;

/** `promise`, or an error naming what was waited for. */
export async function beforeDeadline<Value>(
  promise: Promise<Value>,
  waitingFor: string,
): Promise<Value> {
  const expired = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => expired.reject(new Error(`Waited ${DEADLINE_MS} ms for ${waitingFor}`)),
    DEADLINE_MS,
  );
  try {
    return await Promise.race([promise, expired.promise]);
  } finally {
    clearTimeout(timer);
  }
}
