/**
 * What a backend's error becomes: its code and status stay, its words are replaced, because they may be empty, HTML, or
 * name the master key, the owner or the endpoint.
 * @module
 */

import { defaultMessage, S3Error } from "./error.ts";
import { readErrorDocument } from "./response_documents.ts";
import { parseXml } from "./xml.ts";

/** An error as it is shown. */
export interface BackendError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Codes with which a backend says that it does not believe our own signature. */
const SIGNATURE_CODES: ReadonlySet<string> = new Set([
  "AuthorizationHeaderMalformed",
  "InvalidAccessKeyId",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/** Sentences for codes that only backends send. */
const MESSAGES: ReadonlyMap<string, string> = new Map(Object.entries({
  BucketAlreadyExists:
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
  BucketNotEmpty: "The bucket you tried to delete is not empty",
  InvalidBucketState: "The request is not valid for the current state of the bucket.",
  InvalidObjectState: "The operation is not valid for the current state of the object.",
  InvalidPart:
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  InvalidPartOrder:
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
  InvalidTag: "The tag provided was not a valid tag.",
  NoSuchBucketPolicy: "The bucket policy does not exist",
  NoSuchCORSConfiguration: "The CORS configuration does not exist",
  NoSuchLifecycleConfiguration: "The lifecycle configuration does not exist",
  NoSuchObjectLockConfiguration: "The specified object does not have a ObjectLock configuration",
  NoSuchTagSet: "The TagSet does not exist",
  NoSuchTagSetError: "The TagSet does not exist",
  NoSuchWebsiteConfiguration: "The specified bucket does not have a website configuration",
  ObjectLockConfigurationNotFoundError: "Object Lock configuration does not exist for this bucket",
  QuotaExceeded: "The storage quota is exhausted.",
  TooManyBuckets: "You have attempted to create more buckets than are allowed.",
}));

/** Codes for an answer that is not S3's: a load balancer's HTML, or nothing. */
const CODES_BY_STATUS: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  403: "AccessDenied",
  404: "NoSuchKey",
  405: "MethodNotAllowed",
  409: "OperationAborted",
  411: "MissingContentLength",
  412: "PreconditionFailed",
  416: "InvalidRange",
  501: "NotImplemented",
};

const PAGE_OR_TEXT = /^\s*(?:<html|<!doctype html|[^\s<])/i;
/** Statuses with which a web server answers a request that it does not know, or plain HTTP at a port of TLS. */
const FOREIGN_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 501]);

/**
 * Reads an error response.
 * @param body Its text, cut at a bound; empty for HEAD.
 * @throws {S3Error} `InternalError`, reason `backend_refused_signature`, where the backend does not accept the master
 *   key; `SlowDown` for 429 and 503; `BadGateway`, `GatewayTimeout` and `InternalError` for other failures of it, and for
 *   an answer that is not S3's (reason `backend_is_not_s3`).
 */
export function readBackendError(status: number, body: string): BackendError {
  const code = readCode(body);
  if (SIGNATURE_CODES.has(code ?? "")) {
    throw new S3Error("InternalError", { reason: "backend_refused_signature", cause: code });
  }
  if (status === 429 || status === 503) throw new S3Error("SlowDown");
  if (code === undefined && isForeign(status, body)) {
    throw new S3Error("BadGateway", { reason: "backend_is_not_s3" });
  }
  if (code === undefined && status === 502) throw new S3Error("BadGateway");
  if (code === undefined && status === 504) throw new S3Error("GatewayTimeout");
  const shown = code ?? CODES_BY_STATUS[status] ??
    (status >= 500 ? "InternalError" : "InvalidRequest");
  return {
    status,
    code: shown,
    message: defaultMessage(shown) ?? MESSAGES.get(shown) ??
      `The storage backend answered ${shown}.`,
  };
}

/**
 * Whether this cannot be an S3 store: it answers a request that every store knows with a page or a text instead of an error document.
 * Other statuses may come from a load balancer in front of a store.
 */
function isForeign(status: number, body: string): boolean {
  return FOREIGN_STATUSES.has(status) && PAGE_OR_TEXT.test(body);
}

/** The code of an `<Error>` document; `undefined` for anything else. */
function readCode(body: string): string | undefined {
  try {
    const code = readErrorDocument(parseXml(body))?.code ?? "";
    return /^[A-Za-z0-9.]{1,64}$/.test(code) ? code : undefined;
  } catch {
    return undefined; // HTML, or cut off: the status has to do
  }
}
