/**
 * A second, independent SigV4 signer for tests, on `node:crypto`, written from AWS's documents
 * alone: {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html},
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}. It signs
 * whatever it is told to, right or wrong: attack tests break one thing at a time.
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";

/** One header or trailer: name and value, as they go onto the wire. */
export type Header = readonly [name: string, value: string];

/** SHA-256 of nothing. */
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** What both ways of signing need. */
export interface SigningInput {
  readonly method: string;
  /** Raw request target, with its query. */
  readonly target: string;
  /** Must hold `host` unless it is deliberately left out. */
  readonly headers: readonly Header[];
  readonly accessKey: string;
  readonly secretKey: string;
  readonly date: Date;
  readonly region?: string;
  readonly service?: string;
  /**
   * The last line of the canonical request; by default of an empty body, or `UNSIGNED-PAYLOAD` in a
   * URL.
   */
  readonly payloadHash?: string;
  /** Names in SignedHeaders, in this order; by default all headers, sorted. */
  readonly signedHeaders?: readonly string[];
  /** Replaces the canonical URI that {@linkcode canonicalUri} makes of the target's path. */
  readonly canonicalUri?: string;
}

/** What a signature was made of, and the signature. */
export interface Signed {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  /** 64 lower-case hexadecimal digits; the seed of a body's chunk signatures. */
  readonly signature: string;
}

/**
 * Signs in the Authorization header; adds `x-amz-date` and `x-amz-content-sha256` where `headers`
 * has none.
 */
export function signHeaders(input: SigningInput): Signed & { readonly headers: Header[] } {
  const payloadHash = input.payloadHash ?? findHeader(input.headers, "x-amz-content-sha256") ??
    EMPTY_SHA256;
  const headers = [...input.headers];
  addHeader(headers, ["x-amz-content-sha256", payloadHash]);
  addHeader(headers, ["x-amz-date", formatAmzDate(input.date)]);
  const names = input.signedHeaders ?? headerNames(headers);
  const signed = sign({ ...input, headers, payloadHash, signedHeaders: names });
  const authorization = `AWS4-HMAC-SHA256 Credential=${input.accessKey}/${formatScope(input)}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signed.signature}`;
  return { ...signed, headers: [...headers, ["Authorization", authorization]] };
}

/** What a presigned URL needs beside. */
export interface PresignInput extends SigningInput {
  /** X-Amz-Expires, as it is written. */
  readonly expires: number | string;
  /**
   * Parameters added to the target before signing: hoisted headers, `response-*`, or other
   * `X-Amz-*` values.
   */
  readonly extraQuery?: Readonly<Record<string, string>>;
}

/**
 * Signs in the query. The headers given are the signed ones; the answer's `target` is raw, ready to
 * send.
 */
export function presign(input: PresignInput): Signed & { readonly target: string } {
  const names = input.signedHeaders ?? headerNames(input.headers);
  const parameters = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${input.accessKey}/${formatScope(input)}`,
    "X-Amz-Date": formatAmzDate(input.date),
    "X-Amz-Expires": String(input.expires),
    "X-Amz-SignedHeaders": names.join(";"),
    ...input.extraQuery,
  };
  const query = Object.entries(parameters).map((pair) => pair.map(uriEncode).join("=")).join("&");
  const target = input.target + (input.target.includes("?") ? "&" : "?") + query;
  const payloadHash = input.payloadHash ?? "UNSIGNED-PAYLOAD";
  const signed = sign({ ...input, target, payloadHash, signedHeaders: names });
  return { ...signed, target: `${target}&X-Amz-Signature=${signed.signature}` };
}

/** HMAC chain from the secret to the key that signs. */
export function deriveSigningKey(
  { secretKey, date, region = "us-east-1", service = "s3" }: Pick<
    SigningInput,
    "secretKey" | "date" | "region" | "service"
  >,
): Uint8Array {
  const links = [formatAmzDate(date).slice(0, 8), region, service, "aws4_request"];
  const from = [secretKey, ...links].join("\n");
  const known = signingKeys.get(from);
  if (known !== undefined) return known;
  const derived = links.reduce<Uint8Array>(hmac, Buffer.from(`AWS4${secretKey}`));
  if (signingKeys.size < 100) signingKeys.set(from, derived);
  return derived;
}

/** Most tests sign as the same few. */
const signingKeys = new Map<string, Uint8Array>();

/** HMAC-SHA256 of `text`. */
export function hmac(key: Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** `YYYYMMDDTHHMMSSZ`. */
export function formatAmzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** `YYYYMMDD/region/service/aws4_request`. */
export function formatScope(
  { date, region = "us-east-1", service = "s3" }: Pick<SigningInput, "date" | "region" | "service">,
): string {
  return `${formatAmzDate(date).slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** The path decoded once and encoded again, as S3 (and no other service) does it. */
export function canonicalUri(path: string): string {
  return path.split("/").map((segment) => encodeBytes(percentDecode(segment))).join("/");
}

type CompleteInput = SigningInput & Required<Pick<SigningInput, "payloadHash" | "signedHeaders">>;

function sign(input: CompleteInput): Signed {
  const [path = "", query = ""] = splitOnce(input.target, "?");
  const canonicalRequest = [
    input.method,
    input.canonicalUri ?? canonicalUri(path),
    canonicalQuery(query),
    ...input.signedHeaders.map((name) => `${name}:${canonicalValue(input.headers, name)}`),
    "",
    input.signedHeaders.join(";"),
    input.payloadHash,
  ].join("\n");
  const stringToSign = [
    "AWS4-HMAC-SHA256",
    formatAmzDate(input.date),
    formatScope(input),
    sha256(canonicalRequest),
  ].join("\n");
  const signature = Buffer.from(hmac(deriveSigningKey(input), stringToSign)).toString("hex");
  return { canonicalRequest, stringToSign, signature };
}

function canonicalQuery(query: string): string {
  return query.split("&").filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = splitOnce(pair.replaceAll("+", " "), "=");
      return [encodeBytes(percentDecode(name)), encodeBytes(percentDecode(value))] as const;
    })
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map((pair) => pair.join("=")).join("&");
}

function canonicalValue(headers: readonly Header[], name: string): string {
  return headers.filter(([header]) => header.toLowerCase() === name)
    .map(([, value]) => value.trim().replace(/ +/g, " ")).join(",");
}

function headerNames(headers: readonly Header[]): string[] {
  return [...new Set(headers.map(([name]) => name.toLowerCase()))].toSorted(compare);
}

function findHeader(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([header]) => header.toLowerCase() === name)?.[1];
}

function addHeader(headers: Header[], header: Header): void {
  if (findHeader(headers, header[0]) === undefined) headers.push(header);
}

/** Percent-encodes all but RFC 3986's unreserved characters. */
export function uriEncode(text: string): string {
  return encodeBytes(Buffer.from(text));
}

function encodeBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** The bytes of `text`; a `%` that starts no escape stays one. */
function percentDecode(text: string): Uint8Array {
  const escaped = Buffer.from(text).toString("latin1");
  return Buffer.from(
    escaped.replace(
      /%([0-9A-Fa-f]{2})/g,
      (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    "latin1",
  );
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
