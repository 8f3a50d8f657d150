/**
 * A secret that cannot be printed by accident.
 * @module
 */

const REDACTED = "[redacted]";

/** Half of a key pair. Prints, inspects and serialises as `[redacted]`; only signing_key.ts calls {@linkcode expose}. */
export class SecretAccessKey {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. INVARIANT: called in signing_key.ts only; the layout test holds it. */
  expose(): string {
    return this.#value;
  }

  /** Whether both hold the same secret: for refusing to start, not for checking signatures. */
  equals(other: SecretAccessKey): boolean {
    return this.#value === other.#value;
  }

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
