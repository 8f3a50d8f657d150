/**
 * Settings that a running program keeps, whatever a reload says.
 * @module
 */

import type { Config } from "../config/config.ts";

const RESTART_KEYS: ReadonlyMap<string, (config: Config) => unknown> = new Map<
  string,
  (config: Config) => unknown
>([
  ["server.listen_addr", ({ server }) => server.listenAddress],
  ["server.workers", ({ server }) => server.workers],
  ["metrics", ({ metrics }) => metrics],
]);

/** Settings in which `next` differs from what the program was `started` with. */
export function listRestartKeys({ started, next }: { started: Config; next: Config }): string[] {
  return [...RESTART_KEYS].filter(([, read]) =>
    JSON.stringify(read(started)) !== JSON.stringify(read(next))
  ).map(([key]) => key);
}
