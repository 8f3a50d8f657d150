/**
 * A secret that cannot be printed by accident.
 * @module
 */

import { Redacted } from "../lib/redacted.ts";

/** Half of a key pair; only signing_key.ts calls {@linkcode expose}. */
export class SecretAccessKey extends Redacted {
  readonly #value: string;

  constructor(value: string) {
    super();
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
}
