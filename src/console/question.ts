/**
 * What somebody asks the console.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { ActivityLog } from "./activity_log.ts";
import type { Visitor } from "./authenticate.ts";
import { ConsoleError } from "./console_error.ts";
import type { ProgramState } from "./program_state.ts";
import type { Streams } from "./streams.ts";

/** A question that may be asked. */
export interface Question extends Visitor {
  readonly config: Config;
  /** Those that the route knows. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly now: Date;
  readonly clientAddress: string;
  readonly activity: ActivityLog;
  readonly streams: Streams;
  readonly readProgram: () => ProgramState;
}

/**
 * A whole number of the query, from 1 to `max`.
 * @throws {ConsoleError} `bad_request` for anything else.
 */
export function readCount(
  { parameters }: Question,
  { name, max, fallback }: { name: string; max: number; fallback: number },
): number {
  const text = parameters.get(name);
  if (text === undefined) return fallback;
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new ConsoleError("bad_request", { message: `${name} is no number from 1 to ${max}.` });
}
