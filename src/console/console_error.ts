/**
 * What the console refuses.
 * @module
 */

/** Status by code: a closed set, which the page knows. */
const STATUS = {
  bad_request: 400,
  not_signed: 403,
  signature_wrong: 403,
  unknown_key: 403,
  expired: 403,
  clock_skew: 403,
  not_admin: 403,
  not_yours: 403,
  not_found: 404,
  method_not_allowed: 405,
  wrong_host: 421,
  slow_down: 429,
  internal: 500,
  too_many_viewers: 503,
} as const;

/** Why a request came to nothing. */
export type ConsoleErrorCode = keyof typeof STATUS;

/** An answer that is none. Its message is one sentence for people. */
export class ConsoleError extends Error {
  override readonly name = "ConsoleError";
  readonly code: ConsoleErrorCode;
  /** Beside the sentence: facts that the page can do something with. */
  readonly detail: Readonly<Record<string, string>>;

  constructor(
    code: ConsoleErrorCode,
    { message, detail = {}, cause }: {
      message: string;
      detail?: Readonly<Record<string, string>>;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.code = code;
    this.detail = detail;
  }

  /** Of HTTP. */
  get status(): number {
    return STATUS[this.code];
  }
}
