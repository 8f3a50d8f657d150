/**
 * What this program calls itself.
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };

/** Semantic version, from deno.json. */
export const VERSION: string = manifest.version;

/** Short hash of the commit that the program was compiled from; `unknown` where it was not compiled. */
export const COMMIT: string = readCommit();

/** scripts/compile.ts puts the file into the executable. */
function readCommit(): string {
  try {
    return Deno.readTextFileSync(new URL("./commit.txt", import.meta.url)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown";
    throw error;
  }
}
