/**
 * Why a web identity token is refused.
 * @module
 */

/** `expired`; `invalid`, for whatever reason; `unreachable`, where its provider's keys cannot be had. */
export type IdentityErrorKind = "expired" | "invalid" | "unreachable";

/** A web identity token that was refused. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly kind: IdentityErrorKind;
  /** Why, for the log: from a closed set, and never a part of the token. */
  readonly reason: string;

  constructor(kind: IdentityErrorKind, { reason, cause }: { reason: string; cause?: unknown }) {
    super(`A web identity token is not taken: ${reason}`, { cause });
    this.kind = kind;
    this.reason = reason;
  }
}
