/**
 * Values that cannot be printed by accident.
 * @module
 */

const REDACTED = "[redacted]";

/** Prints, inspects and serialises as `[redacted]`. */
export abstract class Redacted {
  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
