/**
 * The one error a client can see: a code of S3's own, with the status and sentence S3 sends with it.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList}.
 * @module
 */

import { LIMITS } from "../limits.ts";

/** code → [HTTP status, default message]. */
const S3_ERRORS = {
  AccessDenied: [403, "Access Denied"],
  AccessForbidden: [
    403,
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
  ],
  AuthorizationHeaderMalformed: [400, "The authorization header that you provided is not valid."],
  AuthorizationQueryParametersError: [400, "The authorization query parameters are not valid."],
  BadDigest: [
    400,
    "The Content-MD5 you specified did not match what we received.",
  ],
  BadGateway: [502, "The storage backend answered with something that is not S3."],
  BadRequest: [400, "The request is not valid."],
  BucketAlreadyOwnedByYou: [
    409,
    "Your previous request to create the named bucket succeeded and you already own it.",
  ],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed size"],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed size"],
  ExpiredToken: [400, "The provided token has expired."],
  ExpiredPresignRequest: [403, "Request has expired"],
  GatewayTimeout: [504, "The storage backend did not answer in time."],
  IncorrectNumberOfFilesInPostRequest: [
    400,
    "POST requires exactly one file upload per request.",
  ],
  IncompleteBody: [
    400,
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  ],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [
    403,
    "The AWS Access Key Id you provided does not exist in our records.",
  ],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidChunkSizeError: [
    403,
    "Only the last chunk is allowed to have a size less than 8192 bytes",
  ],
  InvalidDigest: [400, "The Content-MD5 you specified was invalid."],
  InvalidLocationConstraint: [400, "The specified location-constraint is not valid"],
  InvalidPolicyDocument: [
    400,
    "The content of the form does not meet the conditions of its policy.",
  ],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidToken: [400, "The provided token is malformed or otherwise invalid."],
  InvalidURI: [400, "The specified URI couldn't be parsed."],
  KeyTooLongError: [400, "Your key is too long"],
  MalformedPOSTRequest: [
    400,
    "The body of your POST request is not well-formed multipart/form-data.",
  ],
  MalformedTrailerError: [
    400,
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  ],
  MalformedXML: [
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  ],
  MaxPostPreDataLengthExceededError: [
    400,
    "Your POST request fields preceding the upload file were too large.",
  ],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size"],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  MissingSecurityHeader: [400, "Your request was missing a required header"],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchUpload: [
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  ],
  NoSuchVersion: [
    404,
    "The specified version does not exist.",
  ],
  NotImplemented: [
    501,
    "A header you provided implies functionality that is not implemented",
  ],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  QuotaExceeded: [507, "The storage quota is exhausted."],
  RequestTimeout: [
    400,
    "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
  ],
  RequestTimeTooSkewed: [
    403,
    "The difference between the request time and the current time is too large.",
  ],
  ServiceUnavailable: [503, "The storage backend cannot be reached. Please try again."],
  SignatureDoesNotMatch: [
    403,
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  ],
  SlowDown: [503, "Please reduce your request rate."],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** A code of S3's list that this proxy itself answers with. */
export type S3ErrorCode = keyof typeof S3_ERRORS;

/** Facts for the error document beside its code: element name → text, in order. */
export type S3ErrorDetail = Readonly<Record<string, string>>;

/** What {@linkcode S3Error} can be told beside its code. */
export interface S3ErrorOptions {
  /** Replaces the code's default sentence; shown to the client. */
  readonly message?: string;
  /** Further elements of the document, such as `StringToSign`; shown to the client. */
  readonly detail?: S3ErrorDetail;
  /** What went wrong beneath; never shown to the client. */
  readonly cause?: unknown;
  /** Why, for the log and the metrics; never shown to the client. */
  readonly reason?: string;
  /** When to come again, for `Retry-After` of a 503. Default: {@linkcode LIMITS.retryAfterSeconds}. */
  readonly retryAfterSeconds?: number;
}

/**
 * A request refused with an S3 `code`; `proxy.ts` turns it into the XML document. It is an `Error` to whoever asks, and not
 * one of the runtime's: making such, and each time it is thrown on, would cost a refusal more than reading its request.
 */
export class S3Error implements Error {
  readonly name = "S3Error";
  readonly message: string;
  readonly code: S3ErrorCode;
  /** HTTP status of {@linkcode code}. */
  readonly status: number;
  readonly detail: S3ErrorDetail;
  readonly reason: string | undefined;
  readonly retryAfterSeconds: number;
  declare readonly cause?: unknown;

  constructor(code: S3ErrorCode, options: S3ErrorOptions = {}) {
    const [status, message] = S3_ERRORS[code];
    this.message = options.message ?? message;
    this.code = code;
    this.status = status;
    this.detail = options.detail ?? {};
    this.reason = options.reason;
    this.retryAfterSeconds = options.retryAfterSeconds ?? LIMITS.retryAfterSeconds;
    if ("cause" in options) this.cause = options.cause;
  }
}

Object.setPrototypeOf(S3Error.prototype, Error.prototype);

/** The sentence S3 sends with `code`, or `undefined` for a code this proxy does not send itself. */
export function defaultMessage(code: string): string | undefined {
  // `as` is true: the table has it as a key of its own.
  return Object.hasOwn(S3_ERRORS, code) ? S3_ERRORS[code as S3ErrorCode][1] : undefined;
}
