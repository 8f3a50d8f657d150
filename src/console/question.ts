/**
 * What somebody asks the console.
 * @module
 */

import type { Config } from "../config/config.ts";
import type { Visitor } from "./authenticate.ts";

/** A question that may be asked. */
export interface Question extends Visitor {
  readonly config: Config;
  /** Those that the route knows. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly now: Date;
  readonly clientAddress: string;
}
