/**
 * Something a test opens when it wants the other side to go on: no sleeps.
 * @module
 */

/** Closed until {@linkcode open} is called, then open for good. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();

  open(): void {
    this.#opened.resolve();
  }

  /** Resolves when the gate is open. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }
}
