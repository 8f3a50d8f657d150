/**
 * A logger whose lines a test looks at.
 * @module
 */

import type { Logger } from "../../src/observability/log.ts";

/** A logger that remembers its errors, with their fields. */
export function createRecordingLogger(): { logger: Logger; errors: unknown[] } {
  const errors: unknown[] = [];
  const ignore = (): void => {};
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (message, fields) => errors.push({ message, ...fields }),
    isEnabled: () => true,
    reconfigure: ignore,
    pass: ignore,
    linesDropped: () => 0,
    flush: () => Promise.resolve(),
  };
  return { logger, errors };
}
