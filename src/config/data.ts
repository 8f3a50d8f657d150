/**
 * Looking at data whose shape is not known yet.
 * @module
 */

/** A YAML mapping. */
export type Mapping = Record<string, unknown>;

/** Whether `value` is a mapping: neither a list nor a scalar. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `value` is, without saying which: values may be secrets. */
export function describeKind(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "a mapping";
  }
}

const READ_ERRORS: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EACCES", "permission denied"],
  ["EISDIR", "it is a directory"],
]);

/** Why a file could not be read, without its name. */
export function describeReadError(error: unknown): string {
  if (error instanceof RangeError) return error.message; // readBounded()'s own
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return READ_ERRORS.get(code) ?? "it could not be read";
}
