/**
 * A logger for parts that are tested alone.
 * @module
 */

import type { Logger } from "../../src/observability/log.ts";

/** One that remembers the messages of warnings and errors, and drops the rest. */
export function createQuietLogger(): { logger: Logger; messages: string[] } {
  const messages: string[] = [];
  const ignore = (): void => {};
  const remember = (message: string): void => void messages.push(message);
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: remember,
    error: remember,
    isEnabled: () => false,
    reconfigure: ignore,
    pass: remember,
    linesDropped: () => 0,
    flush: () => Promise.resolve(),
  };
  return { logger, messages };
}
