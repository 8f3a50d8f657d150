/**
 * Waiting that ends.
 * @module
 */

/** Whether `work` has ended, well or badly, within `timeoutMs`; it goes on in either case. */
export async function endsWithin(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const expired = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => expired.resolve(false), timeoutMs);
  const ended = work.then(() => true, () => true);
  const result = await Promise.race([ended, expired.promise]);
  clearTimeout(timer);
  return result;
}
