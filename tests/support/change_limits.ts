/**
 * Bounds that are others in a test.
 * @module
 */

import { LIMITS } from "../../src/limits.ts";

/** Has some {@linkcode LIMITS} be these until it is disposed of. */
export function changeLimits(changed: Partial<Record<keyof typeof LIMITS, number>>): Disposable {
  const before = { ...LIMITS };
  Object.assign(LIMITS, changed);
  return { [Symbol.dispose]: () => Object.assign(LIMITS, before) };
}
