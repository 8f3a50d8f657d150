/**
 * What STS answers in place of a result: a code of its own, with status and sentence.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html} and the errors of each action there.
 * @module
 */

/** code → [HTTP status, default message]. */
const STS_ERRORS = {
  AccessDenied: [403, "Access denied"],
  ExpiredToken: [403, "The security token included in the request is expired"],
  ExpiredTokenException: [
    400,
    "The web identity token that was passed is expired. Get a new identity token from the identity provider and then retry the request.",
  ],
  IDPCommunicationError: [
    400,
    "The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached.",
  ],
  IncompleteSignature: [400, "The request signature does not conform to AWS standards."],
  InternalFailure: [500, "The request processing has failed because of an unknown error."],
  InvalidClientTokenId: [403, "The security token included in the request is invalid."],
  InvalidIdentityToken: [
    400,
    "The web identity token that was passed could not be validated. Get a new identity token from the identity provider and then retry the request.",
  ],
  InvalidParameterValue: [400, "A parameter of the request has a value that it cannot have."],
  MalformedPolicyDocument: [400, "The policy document was malformed."],
  MissingAuthenticationToken: [403, "Request is missing Authentication Token"],
  PackedPolicyTooLarge: [
    400,
    "The session policy and what is known of the identity do not fit into a session token.",
  ],
  ServiceUnavailable: [503, "The request has failed due to a temporary failure of the server."],
  SignatureDoesNotMatch: [
    403,
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
  ],
  Throttling: [400, "Rate exceeded"],
  ValidationError: [400, "The input fails to satisfy the constraints of the action."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** A code that STS answers with here. */
export type StsErrorCode = keyof typeof STS_ERRORS;

/** A request to STS that is refused. */
export class StsError extends Error {
  override readonly name = "StsError";
  readonly code: StsErrorCode;
  /** HTTP status of {@linkcode code}. */
  readonly status: number;
  /** Why, for the log; never shown to the client. */
  readonly reason: string;

  constructor(
    code: StsErrorCode,
    { message, reason, cause }: { message?: string; reason: string; cause?: unknown },
  ) {
    const [status, sentence] = STS_ERRORS[code];
    super(message ?? sentence, { cause });
    this.code = code;
    this.status = status;
    this.reason = reason;
  }
}
