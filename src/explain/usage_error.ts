/**
 * What is wrong with a command line.
 * @module
 */

/** A command line that means nothing: one sentence for the operator. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
