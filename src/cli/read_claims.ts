/**
 * A token's claims from a file, for `explain`.
 * @module
 */

import { isMapping } from "../config/data.ts";
import { UsageError } from "../explain/usage_error.ts";

/** The claims in the JSON file at `path`. @throws {UsageError} For a file that has none. */
export async function readClaims(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const claims: unknown = JSON.parse(await Deno.readTextFile(path));
    if (isMapping(claims)) return claims;
  } catch (cause) {
    throw new UsageError(`Cannot read claims from "${path}", expected a file of JSON`, { cause });
  }
  throw new UsageError(`Cannot read claims from "${path}", expected {"iss": …, "sub": …, …}`);
}
