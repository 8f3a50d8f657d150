/**
 * Which configuration counts, since when, and what was wrong with those that came after it.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { LoadedFile } from "../config/load.ts";
import { systemClock } from "../lib/clock.ts";
import { listRestartKeys } from "./restart_keys.ts";

/** Where a configuration is from. */
export interface ConfigOrigin {
  /** Of its file. */
  readonly path?: string;
  readonly warnings?: readonly string[];
}

/** Of one run of the program. */
export class ConfigHistory {
  readonly startedAt = systemClock();
  readonly path: string | undefined;
  readonly #started: Config;
  loadedAt = this.startedAt;
  reloads = 0;
  warnings: readonly string[];
  /** Settings that count after a restart only. */
  restartKeys: readonly string[] = [];
  /** Why the last one was not taken, where it was not. */
  refused: { readonly at: Date; readonly problems: readonly string[] } | undefined;

  constructor(started: Config, { path, warnings = [] }: ConfigOrigin) {
    this.#started = started;
    this.path = path;
    this.warnings = warnings;
  }

  /** Another one counts. */
  loaded({ config, warnings }: LoadedFile): void {
    this.loadedAt = systemClock();
    this.reloads++;
    this.warnings = warnings;
    this.restartKeys = listRestartKeys({ started: this.#started, next: config });
    this.refused = undefined;
  }

  /** Another one does not. */
  notLoaded(problems: readonly string[]): void {
    this.refused = { at: systemClock(), problems };
  }
}
