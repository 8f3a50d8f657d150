/**
 * Why somebody cannot log in.
 * @module
 */

import { UsageError } from "../../explain/usage_error.ts";

/** One sentence for who wants to log in. `kind`: whether trying again may help, or only logging in anew. */
export class LoginError extends UsageError {
  readonly kind: "unreachable" | "refused" | "again";

  constructor(
    message: string,
    { kind = "refused", cause }: { kind?: LoginError["kind"]; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** What another machine says, as a part of a sentence: printable, and short. */
export function quoteForeign(text: unknown): string {
  return String(text).slice(0, FOREIGN_CHARACTERS_MAX).replace(/[^ -~]/g, "?");
}

const FOREIGN_CHARACTERS_MAX = 200;
