/**
 * What a configuration file seems to say, before it is parsed.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { Config } from "./config.ts";

const WORKERS = /(?:^|\n)[ \t]*workers:[ \t]*(?<count>[0-9]+)/;

/**
 * The `server.workers` that the text seems to ask for, so that workers can load their program while it is parsed. A wrong
 * guess costs time and changes nothing else; for more than there can be, which will be refused, it is 1.
 */
export function guessWorkers(text: string): Config["server"]["workers"] {
  const count = WORKERS.exec(text)?.groups?.["count"];
  if (count === undefined) return "auto";
  return Number(count) <= LIMITS.workersMax ? Number(count) : 1;
}
