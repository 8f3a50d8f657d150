/**
 * How long refusals wait for the end of an upload, in a test.
 * @module
 */

import { LIMITS } from "../../src/limits.ts";

/** Has them wait for `refusalDelayMsMax`, until it is disposed of. */
export function delayRefusals(refusalDelayMsMax: number): Disposable {
  const { refusalDelayMsMax: before } = LIMITS;
  Object.assign(LIMITS, { refusalDelayMsMax });
  return { [Symbol.dispose]: () => Object.assign(LIMITS, { refusalDelayMsMax: before }) };
}
