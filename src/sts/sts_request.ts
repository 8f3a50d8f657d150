/**
 * Which requests are STS's, and what they say. S3 has the same port and path, so they are told apart by `Action`: in the
 * query, as two families of clients have it, or in a form.
 * See {@link https://docs.aws.amazon.com/STS/latest/APIReference/CommonParameters.html}.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import { decodeUtf8 } from "../lib/bytes.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { STRANGERS, THREAD_READS } from "../lib/reading_pace.ts";
import { LIMITS } from "../limits.ts";
import { type Addressing, parseResource } from "../s3/addressing.ts";
import { S3Error } from "../s3/error.ts";
import type { RawRequest } from "../s3/request.ts";
import { parseRequestTarget } from "../s3/target.ts";
import { StsError } from "./sts_error.ts";

const ACTIONS = [
  "AssumeRole",
  "AssumeRoleWithWebIdentity",
  "GetCallerIdentity",
  "GetSessionToken",
] as const;

/** What can be asked here. */
export type StsAction = typeof ACTIONS[number];

/** A request to STS, understood as far as its parameters. */
export interface StsRequest {
  readonly action: StsAction;
  /** Decoded, each once, `Action` and `Version` among them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of the body, which signatures are over; hexadecimal. */
  readonly payloadHash: string;
}

/** `AWS_ENDPOINT_URL_STS` may have this path. One SDK drops it, so it tells nothing, and no bucket is called so. */
const PATHS: ReadonlySet<string> = new Set(["/", "/sts", "/sts/"]);
const PATH_CHARACTERS_MAX = Math.max(...Array.from(PATHS, (path) => path.length));
const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i;

/** Whether `raw` is for STS, as far as its head tells: a form may still turn out to be none of STS's. */
export function isForSts(raw: RawRequest, addressing: Addressing): boolean {
  const { method, target, authority } = raw;
  if (method !== "POST" && method !== "GET") return false;
  const queryAt = target.indexOf("?");
  if ((queryAt < 0 ? target.length : queryAt) > PATH_CHARACTERS_MAX) return false;
  if (!PATHS.has(queryAt < 0 ? target : target.slice(0, queryAt))) return false;
  const query = queryAt < 0 ? "" : target.slice(queryAt + 1);
  if (!(method === "POST" && isForm(raw)) && !/(?:^|&)Action=/.test(query)) return false;
  // Where the host names a bucket, `/` is that bucket.
  return parseResource(parseRequestTarget("/"), { authority, addressing }).level === "service";
}

/**
 * Reads the request, and its body, of which there may be {@linkcode LIMITS.stsBodyBytesMax}.
 * @throws {StsError} `ValidationError`; `IncompleteSignature` for a body that breaks off.
 * @throws {S3Error} `MethodNotAllowed` for a form with another action, or none: what S3 answers to it.
 */
export async function readStsRequest(raw: RawRequest): Promise<StsRequest> {
  const body = raw.body === null ? new Uint8Array(0) : await readBody(raw.body);
  const queryAt = raw.target.indexOf("?");
  const query = queryAt < 0 ? "" : raw.target.slice(queryAt + 1);
  const form = isForm(raw) ? decodeUtf8(body) : "";
  if (form === undefined) throw invalid("The request is not UTF-8.", "not_utf8");
  const parameters = parseStsForm([query, form].filter((text) => text !== "").join("&"));
  const action = ACTIONS.find((name) => name === parameters.get("Action"));
  if (action === undefined) throw new S3Error("MethodNotAllowed");
  return { action, parameters, payloadHash: sha256Hex(body) };
}

function isForm({ headers }: RawRequest): boolean {
  return FORM.test(headers.get("content-type") ?? "");
}

async function readBody(body: NonNullable<RawRequest["body"]>): Promise<Uint8Array> {
  const reader = new BodyReader(body, LIMITS.documentPieceBytes);
  const bytes = new Uint8Array(LIMITS.stsBodyBytesMax);
  let length = 0;
  const timer = setTimeout(() => reader.cancel(), LIMITS.stsBodyTimeoutMs);
  try {
    for (;;) {
      const turn = THREAD_READS.take(STRANGERS, { bytes: LIMITS.documentPieceBytes });
      if (turn !== undefined) await turn;
      const piece = await reader.read();
      if (piece === undefined) return bytes.subarray(0, length);
      if (length + piece.length > bytes.length) {
        void reader.discard();
        throw invalid("The request is too long.", "body_too_long");
      }
      bytes.set(piece, length);
      length += piece.length;
      reader.free(piece);
    }
  } catch (cause) {
    if (cause instanceof StsError) throw cause;
    throw new StsError("IncompleteSignature", { reason: "body_broken_off", cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Parameters of a form, each once: of two with one name, two programs could take different ones. @throws {StsError} `ValidationError`. */
export function parseStsForm(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (parameters.size === LIMITS.stsParametersMax) {
      throw invalid("The request has too many parameters.", "too_many_parameters");
    }
    if (parameters.has(name)) throw invalid("A parameter is given twice.", "twice");
    parameters.set(name, value);
  }
  return parameters;
}

function invalid(message: string, reason: string): StsError {
  return new StsError("ValidationError", { message, reason });
}
