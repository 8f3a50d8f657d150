/**
 * The wire, parsed once. What is signed, authorized and forwarded is this one frozen value; nothing downstream reads
 * the URL, splits a path or decodes a query again.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import { type Addressing, parseResource, type Resource } from "./addressing.ts";
import { type CopySource, parseCopySource, verifyCopySource } from "./copy_source.ts";
import { S3Error } from "./error.ts";
import type { Capabilities } from "../stores/capabilities.ts";
import { listSpellings, type Spelling, verifyListedNames } from "./spellings.ts";
import { verifyHeaders, verifyMetadata } from "./header_table.ts";
import { refuseLostHeaders } from "./lost_headers.ts";
import { type Method, parseMethod, parseOperation } from "./operation.ts";
import type { Operation } from "./operation_table.ts";
import { divideQuery, verifyParameterValues } from "./query.ts";
import { readRange } from "./range.ts";
import { readSignatureVersion2, verifyPresignedV2 } from "./signature_version_2.ts";
import { verifyKnownSetting } from "./settings.ts";
import { parseRequestTarget } from "./target.ts";
import { parseWriteCondition, type WriteCondition } from "./write_condition.ts";

/** What a listener yields: the head of a request as it came, and its body untouched. */
export interface RawRequest {
  readonly method: string;
  /** Request target in origin form, not decoded. */
  readonly target: string;
  /** The one authority of the request: the Host header's, or HTTP/2's `:authority`; empty for none, or two. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  /** Lower-case names; values as latin1 text, one character a byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: BodySource | null;
  /**
   * Resolves when the last byte of {@linkcode body} was read. Absent where the body is the runtime's own, whose bytes
   * nobody here sees and whose length `fetch` keeps.
   */
  readonly bodyRead?: Promise<void> | undefined;
  /** Address of the socket's peer, or of the client behind trusted proxies. */
  readonly clientAddress: string;
  /**
   * Aborted when the client has gone, or stands still; an {@linkcode S3Error} as its reason is the answer. To be asked
   * for only by what takes a while: on `Deno.serve` listening for it costs as much as half of a small request.
   */
  clientGone(): AbortSignal;
}

/** A request to S3, understood. */
export interface S3Request {
  readonly method: Method;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly copySource: CopySource | undefined;
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** Decoded path as it was sent, for the CanonicalRequest. */
  readonly path: string;
  /** {@linkcode path} before it was decoded, which Signature Version 2 signs. */
  readonly rawPath: string;
  /** Every decoded query parameter as it was sent, for the CanonicalRequest. */
  readonly query: ReadonlyMap<string, string>;
  /** Headers as they were sent, for the CanonicalRequest; `host` is the authority. */
  readonly sentHeaders: ReadonlyMap<string, string>;
  /** The operation's own parameters: {@linkcode query} without authentication and hoisted headers. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Parameters that begin with `x-`, which mean nothing and are for the log. */
  readonly custom: string;
  /** {@linkcode sentHeaders} and the headers that a presigner put into the query. */
  readonly headers: ReadonlyMap<string, string>;
  /** Requests that a backend may take it for; each is authorized as well: see spellings.ts. */
  readonly spellings: readonly Spelling[];
  /** The condition on the object at its key; `undefined` where the backend enforces it. */
  readonly writeCondition: WriteCondition | undefined;
  readonly bodyLength: BodyLength;
}

/** `unknown`: chunked, or HTTP/2 without Content-Length. */
export type BodyLength =
  | { readonly kind: "none" }
  | { readonly kind: "known"; readonly bytes: number }
  | { readonly kind: "unknown" };

const NO_SPELLINGS: readonly Spelling[] = [];

/** How requests are read; from the configuration. */
export interface RequestRules extends Addressing {
  readonly capabilities: Capabilities;
  /** `security.presigned_v2`: presigned URLs of Signature Version 2 are taken. */
  readonly presignedV2: boolean;
}

/**
 * Reads a request.
 * @throws {S3Error} `InvalidURI`, `InvalidArgument`, `InvalidBucketName`, `InvalidRange`, `InvalidRequest`,
 *   `KeyTooLongError`, `MetadataTooLarge`, `MethodNotAllowed` or `NotImplemented`: see the parsers of the parts.
 */
export function parseS3Request(raw: RawRequest, rules: RequestRules): S3Request {
  const method = parseMethod(raw.method);
  const target = parseRequestTarget(raw.target);
  const resource = parseResource(target, { authority: raw.authority, addressing: rules });
  const sentHeaders = raw.headers.has("host")
    ? raw.headers
    : new Map(raw.headers).set("host", raw.authority);
  const isVersion2 = readSignatureVersion2({ query: target.query, headers: sentHeaders }, rules);
  const { parameters: named, headers: given, custom } = divideQuery(target.query, sentHeaders);
  const verified = verifyHeaders(given);
  const copySource = verified.get("x-amz-copy-source");
  const operation = parseOperation({
    method,
    level: resource.level,
    copies: copySource !== undefined,
    names: named.keys(),
  });
  const { capabilities, bucketNames } = rules;
  verifyKnownSetting(operation, capabilities);
  const parameters = dropIgnored(named, operation);
  if (isVersion2) verifyPresignedV2(operation, { parameters, custom });
  verifyParameterValues(operation, parameters);
  const headers = readRange(verified, { operation, isPart: parameters.has("partNumber") });
  verifyVersions(parameters, capabilities);
  verifyMetadata(headers, capabilities);
  refuseLostHeaders(headers, { operation, capabilities });
  if (bucketNames.folded === true) verifyListedNames(parameters);
  const source = copySource === undefined ? undefined : parseSource(copySource, {
    operation,
    headers,
    rules,
  });
  return Object.freeze({
    method,
    operation,
    resource,
    copySource: source,
    scheme: raw.scheme,
    authority: raw.authority,
    path: target.path,
    rawPath: target.rawPath,
    query: target.query,
    sentHeaders,
    parameters,
    custom,
    headers,
    spellings: bucketNames.folded === true
      ? listSpellings({ resource, copySource: source, parameters })
      : NO_SPELLINGS,
    writeCondition: parseWriteCondition(headers, { ...operation, capabilities }),
    bodyLength: parseBodyLength(raw, operation),
  });
}

function parseSource(
  text: string,
  { operation, headers, rules: { bucketNames, capabilities } }: {
    operation: Operation;
    headers: ReadonlyMap<string, string>;
    rules: RequestRules;
  },
): CopySource {
  const source = parseCopySource(text, bucketNames);
  return verifyCopySource(source, { operation, headers, capabilities });
}

/** A store without versions ignores the id, and would carry out the request on the object itself. */
function verifyVersions(
  parameters: ReadonlyMap<string, string>,
  { versions }: Capabilities,
): void {
  const versionId = parameters.get("versionId");
  if (!versions && versionId !== undefined && versionId !== "null") {
    throw new S3Error("NoSuchVersion");
  }
}

function dropIgnored(
  parameters: ReadonlyMap<string, string>,
  { ignored }: Operation,
): ReadonlyMap<string, string> {
  if (ignored.size === 0) return parameters;
  return new Map([...parameters].filter(([name]) => !ignored.has(name)));
}

/** RFC 9112 §6.3, of which the listener has already refused what contradicts itself. */
function parseBodyLength(raw: RawRequest, operation: Operation): BodyLength {
  const contentLength = raw.headers.get("content-length");
  const transferEncoding = raw.headers.get("transfer-encoding");
  const chunked = transferEncoding !== undefined;
  // RFC 9112 §6.1: a coding that is not understood is refused; "gzip, chunked" would be stored as it came.
  if (chunked && transferEncoding.toLowerCase() !== "chunked") {
    throw new S3Error("NotImplemented", {
      message:
        "A header you provided implies functionality that is not implemented: transfer-encoding",
      detail: { Header: "transfer-encoding" },
    });
  }
  if (contentLength !== undefined) {
    const bytes = Number(contentLength);
    if (chunked || !/^[0-9]+$/.test(contentLength) || !Number.isSafeInteger(bytes)) {
      throw new S3Error("InvalidRequest", { message: "The Content-Length header is not valid." });
    }
    if (operation.body === "none" && bytes > 0) throw bodyRefused(operation);
    return bytes === 0 ? { kind: "none" } : { kind: "known", bytes };
  }
  // An operation without a body: only reading tells whether a chunked body is empty, as some proxies send it.
  return operation.body !== "none" || chunked ? { kind: "unknown" } : { kind: "none" };
}

/** The refusal of a body where the operation has none. */
export function bodyRefused({ name }: Operation): S3Error {
  return new S3Error("InvalidRequest", { message: `${name} does not take a body.` });
}
