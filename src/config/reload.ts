/**
 * Watches a configuration file and the files it names, and reads them again when one changes or somebody asks. Files
 * are looked at rather than watched: that also sees a link that is turned to another folder, as Kubernetes does it,
 * and file systems that tell of no changes.
 * @module
 */

import { type BigIntStats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { LIMITS } from "../limits.ts";
import { loadConfig, type LoadedFile, type LoadOptions } from "./load.ts";
import { ConfigError } from "./problem.ts";
import { readNamedFile } from "./read_file.ts";

/** What becomes of a reload. */
export interface ReloadEvents {
  /** Puts the configuration to use; what it rejects with is a refusal, too. */
  loaded(file: LoadedFile): Promise<void>;
  /** The files cannot be used, and the configuration before stays; mostly a `ConfigError`. */
  refused(error: unknown): void;
}

/** What is known of a file without reading it; it differs for another text, and for no file. */
type Look = string;

/** The same of a pipe: it would change with every write, and reading a pipe again would wait for ever. */
const READ_ONCE: Look = "no regular file";

/** A configuration file that is read at the start, and again. */
export class ConfigReloader {
  readonly #path: string;
  /** All files that the last reading asked for, and how each looked just before. */
  #read: ReadonlyMap<string, Look> = new Map();
  /** How they looked last time. */
  #lastLooks: readonly Look[] = [];
  #events: ReloadEvents | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** One reading at a time. One more may wait, which serves all requests that come meanwhile. */
  #running: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads the files. @throws {ConfigError} When they cannot be used. */
  async load({ textRead }: Pick<LoadOptions, "textRead"> = {}): Promise<LoadedFile> {
    const read = new Map([[this.#path, lookSync(this.#path)]]);
    this.#read = read;
    return await loadConfig(this.#path, {
      ...(textRead === undefined ? {} : { textRead }),
      readFile: (path) => {
        read.set(path, lookSync(path));
        return readNamedFile(path);
      },
    });
  }

  /** Looks at the files from now on, every {@linkcode LIMITS.configPollIntervalMs}; {@linkcode stop} ends it. */
  watch(events: ReloadEvents): void {
    this.#events = events;
    this.#timer = setInterval(() => void this.poll(), LIMITS.configPollIntervalMs);
  }

  /** Ends watching, and reloading; resolves when nothing is being read or put to use any more. */
  async stop(): Promise<void> {
    this.#events = undefined;
    clearInterval(this.#timer);
    await this.#waiting;
    await this.#running;
  }

  /** Looks once; reads the files if they differ from what was read, and no longer change. */
  async poll(): Promise<void> {
    const looks = await Promise.all([...this.#read.keys()].map(look));
    // Between two looks that differ, somebody may be in the middle of writing.
    const isSettled = looks.every((one, index) => one === this.#lastLooks[index]);
    this.#lastLooks = looks;
    const read = [...this.#read.values()];
    if (isSettled && looks.some((one, index) => one !== read[index])) await this.reload();
  }

  /** Reads the files now. What is wrong with them is told to {@linkcode ReloadEvents.refused}. */
  reload(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#reloadOnce().finally(() => this.#running = undefined);
      return this.#running;
    }
    return this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.reload();
    });
  }

  async #reloadOnce(): Promise<void> {
    if (this.#events === undefined) return; // not yet, or no longer
    try {
      const once = [...this.#read].find(([, look]) => look === READ_ONCE);
      if (once !== undefined) {
        throw new ConfigError([`${once[0]}: is no regular file, and was read at the start`]);
      }
      const file = await this.load();
      await this.#events?.loaded(file);
    } catch (error) {
      this.#events?.refused(error);
    }
  }
}

async function look(path: string): Promise<Look> {
  return describe(await stat(path, { bigint: true }).catch(() => undefined));
}

function lookSync(path: string): Look {
  try {
    return describe(statSync(path, { bigint: true }));
  } catch {
    return describe(undefined);
  }
}

/** Links are followed: another file behind the same name has another inode. */
function describe(stats: BigIntStats | undefined): Look {
  if (stats === undefined) return "missing";
  if (!stats.isFile()) return READ_ONCE;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
