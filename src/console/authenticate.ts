/**
 * Who asks the console: whoever has signed the request, by the same keys and the same code as on the S3 side. The service in
 * the scope is another, so that a signature for one is none for the other.
 * @module
 */

import type { Config } from "../config/config.ts";
import { createKeyDirectory, type KeyDirectory } from "../config/session_directory.ts";
import { type Identity, mayComeFrom } from "../iam/identity.ts";
import { parseClientAddress } from "../iam/ip_range.ts";
import { SessionSealer } from "../identity/session_sealer.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import { parseMethod } from "../s3/operation.ts";
import type { RawRequest } from "../s3/request.ts";
import { parseRequestTarget } from "../s3/target.ts";
import { verifySignature } from "../sigv4/verify.ts";
import { ConsoleError, type ConsoleErrorCode } from "./console_error.ts";

/** The service in the credential scope. */
export const SERVICE = "s3-proxy-console";
/** No request has a body. */
const EMPTY_HASH = sha256Hex(new Uint8Array(0));

/** Somebody whose signature was proven. */
export interface Visitor {
  readonly identity: Identity;
  /** Whether `console.admins` has it. */
  readonly isAdmin: boolean;
}

/** What decides who a visitor is: of one configuration. */
export interface Doorkeeper {
  readonly findKey: KeyDirectory;
  readonly admins: ReadonlySet<string>;
  /** As on the S3 side; any, where it is `undefined`. */
  readonly region: string | undefined;
}

/** That of `config`. */
export function createDoorkeeper(config: Config): Doorkeeper {
  return {
    findKey: createKeyDirectory(config, new SessionSealer(config.sealingKeys)),
    admins: new Set(config.console?.admins),
    region: config.server.region,
  };
}

/**
 * Proves who has signed `raw`, in its Authorization header: a presigned URL would be a key to the console for whoever sees it.
 * @throws {ConsoleError} `not_signed`, `signature_wrong`, `unknown_key`, `expired`, `clock_skew`, `bad_request`.
 */
export function authenticate(
  raw: RawRequest,
  { doorkeeper, now }: { doorkeeper: Doorkeeper; now: Date },
): Visitor {
  const { findKey, region } = doorkeeper;
  if (!raw.headers.has("authorization")) throw refused("not_signed");
  try {
    const { path, query } = parseRequestTarget(raw.target);
    const headers = new Map(raw.headers).set("host", raw.authority);
    const { scheme, clientAddress } = raw;
    const method = parseMethod(raw.method);
    const { identity } = verifySignature<Identity>(
      { method, scheme, path, query, sentHeaders: headers, headers },
      {
        service: SERVICE,
        payloadHash: EMPTY_HASH,
        lookup: (key) => findKey(key, now),
        now,
        clockSkewSecondsMax: LIMITS.consoleClockSkewSecondsMax,
        region,
      },
    );
    verifyAddress(identity, clientAddress);
    return { identity, isAdmin: isAdmin(identity, doorkeeper) };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const code = translate(error);
    const detail = code === "clock_skew" ? { server_time: now.toISOString() } : {};
    throw refused(code, { detail, cause: error });
  }
}

function verifyAddress(identity: Identity, clientAddress: string): void {
  if (mayComeFrom(identity, parseClientAddress(clientAddress))) return;
  throw new S3Error("AccessDenied", { reason: "source_ip" });
}

/** A session that was given less than its user or role has is no administrator's. */
function isAdmin({ username, session, policy }: Identity, { admins }: Doorkeeper): boolean {
  const name = session?.role ?? username;
  return name !== undefined && policy.boundary === undefined && admins.has(name);
}

function translate({ code, reason }: S3Error): ConsoleErrorCode {
  switch (code) {
    case "InvalidAccessKeyId":
    case "InvalidToken":
      return "unknown_key";
    case "ExpiredToken":
      return "expired";
    case "RequestTimeTooSkewed":
      return "clock_skew";
    case "InvalidURI":
    case "InvalidArgument":
      return reason === "unsupported_algorithm" ? "not_signed" : "bad_request";
    case "AccessDenied":
      return reason === "source_ip" ? "not_yours" : "signature_wrong";
    default:
      return "signature_wrong";
  }
}

const SENTENCES: Readonly<Partial<Record<ConsoleErrorCode, string>>> = {
  bad_request: "The request cannot be understood.",
  not_signed: "The request is not signed.",
  signature_wrong:
    "The signature does not match: the secret key, or what the signature is for, is another.",
  unknown_key: "There is no such access key, or it is not valid any more.",
  expired: "The session is over.",
  clock_skew: "The clock of this device differs too much from the server's.",
  not_yours: "This key may not be used from this address.",
};

function refused(
  code: ConsoleErrorCode,
  rest: { detail?: Readonly<Record<string, string>>; cause?: unknown } = {},
): ConsoleError {
  return new ConsoleError(code, { message: SENTENCES[code] ?? code, ...rest });
}
