/**
 * Other requests for which a store that folds slashes may take a request. Each is authorized: all must be allowed.
 * @module
 */

import type { Resource } from "./addressing.ts";
import type { CopySource } from "./copy_source.ts";
import { S3Error } from "./error.ts";
import { isOdd, listKeyReadings, listPrefixReadings } from "./key_readings.ts";
import { hasDotSegment, type ObjectKey } from "./names.ts";

/** What differs from the request as it was sent. */
export interface Spelling {
  readonly resource: Resource;
  readonly copySource: CopySource | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Names that a listing begins with, or goes on behind. */
const LISTED_NAMES = ["prefix", "marker", "start-after", "key-marker"];

/** Every reading of a request but its own. */
export function listSpellings(
  { resource, copySource, parameters }: Spelling,
): readonly Spelling[] {
  const isPlain = (resource.level !== "object" || !isOdd(resource.key)) &&
    (copySource === undefined || !isOdd(copySource.key)) && !isOdd(parameters.get("prefix") ?? "");
  if (isPlain) return NONE;
  const keys = resource.level === "object" ? readKeys(resource.key) : NO_KEYS;
  const sourceKeys = copySource === undefined ? NO_KEYS : readKeys(copySource.key);
  const prefix = parameters.get("prefix");
  const prefixes = prefix === undefined ? [undefined] : listPrefixReadings(prefix);
  return keys.flatMap((key) =>
    sourceKeys.flatMap((sourceKey) =>
      prefixes.map((prefix): Spelling => ({
        resource: key === undefined || resource.level !== "object"
          ? resource
          : { ...resource, key },
        copySource: copySource === undefined || sourceKey === undefined
          ? copySource
          : { ...copySource, key: sourceKey },
        parameters: prefix === undefined ? parameters : new Map(parameters).set("prefix", prefix),
      }))
    )
  ).slice(1); // the first is the request itself
}

const NONE: readonly Spelling[] = [];
const NO_KEYS: readonly (ObjectKey | undefined)[] = [undefined];

function readKeys(key: ObjectKey): readonly ObjectKey[] {
  // INVARIANT: a key that a store has folded is still a valid key: shorter, and without new segments.
  return listKeyReadings(key) as readonly ObjectKey[];
}

/**
 * Refuses a listing by names with `..`: `prefix=a/../b`.
 * @throws {S3Error} `InvalidArgument`, naming the parameter.
 */
export function verifyListedNames(parameters: ReadonlyMap<string, string>): void {
  if (parameters.size === 0) return;
  for (const name of LISTED_NAMES) {
    const value = parameters.get(name);
    if (value === undefined || !hasDotSegment(value.replaceAll("\\", "/"))) continue;
    throw new S3Error("InvalidArgument", {
      message: `The query parameter ${name} has a '.' or '..' path segment.`,
      detail: { ArgumentName: name },
    });
  }
}
