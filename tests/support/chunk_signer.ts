/**
 * Bodies in the `STREAMING-*` forms, signed and unsigned, with and without trailers; see
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html} and
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}.
 * @module
 */

import { Buffer } from "node:buffer";
import {
  deriveSigningKey,
  EMPTY_SHA256,
  formatAmzDate,
  formatScope,
  type Header,
  hmac,
  sha256,
  type SigningInput,
} from "./signer.ts";
import { joinBytes } from "./wire.ts";

/** What goes into a chunked body. */
export interface ChunksInput
  extends Pick<SigningInput, "secretKey" | "date" | "region" | "service"> {
  /** Contents of the chunks; the closing empty chunk is added. */
  readonly chunks: readonly Uint8Array[];
  /** The request's own signature; `undefined` makes unsigned chunks. */
  readonly seedSignature: string | undefined;
  /** Given, even if empty: a `-TRAILER` form, whose body ends with these. */
  readonly trailers?: readonly Header[];
}

/** One chunk, in the parts that an attack would change. */
export interface Chunk {
  size: string;
  /** `;chunk-signature=…`, or nothing. */
  extension: string;
  data: Uint8Array;
}

/**
 * A chunked body, still in parts: change, swap, drop or repeat them, then {@linkcode
 * formatChunkedBody}.
 */
export interface ChunkedBody {
  chunks: Chunk[];
  /**
   * Name and value, with `x-amz-trailer-signature` last where chunks are signed; `undefined`
   * without trailers.
   */
  trailers: Header[] | undefined;
}

/** Cuts and signs a body. */
export function signChunks(input: ChunksInput): ChunkedBody {
  let previous = input.seedSignature;
  const chunks = [...input.chunks, new Uint8Array()].map((data): Chunk => {
    if (previous !== undefined) {
      previous = signLink(input, "PAYLOAD", [previous, EMPTY_SHA256, sha256(data)]);
    }
    const extension = previous === undefined ? "" : `;chunk-signature=${previous}`;
    return { size: data.length.toString(16), extension, data };
  });
  if (input.trailers === undefined) return { chunks, trailers: undefined };
  const trailers = [...input.trailers];
  if (previous !== undefined) {
    const lines = trailers.map(([name, value]) => `${name}:${value}\n`).join("");
    const signature = signLink(input, "TRAILER", [previous, sha256(lines)]);
    trailers.push(["x-amz-trailer-signature", signature]);
  }
  return { chunks, trailers };
}

/** The bytes that go onto the wire. */
export function formatChunkedBody({ chunks, trailers }: ChunkedBody): Uint8Array<ArrayBuffer> {
  const pieces: (string | Uint8Array)[] = [];
  for (const { size, extension, data } of chunks) {
    pieces.push(`${size}${extension}\r\n`);
    // The closing chunk's line end belongs to the end of the body, behind the trailers.
    if (data.length > 0) pieces.push(data, "\r\n");
  }
  for (const [name, value] of trailers ?? []) pieces.push(`${name}:${value}\r\n`);
  pieces.push("\r\n");
  return joinBytes(pieces);
}

function signLink(
  input: ChunksInput,
  kind: "PAYLOAD" | "TRAILER",
  lines: readonly string[],
): string {
  const algorithm = `AWS4-HMAC-SHA256-${kind}`;
  const stringToSign = [algorithm, formatAmzDate(input.date), formatScope(input), ...lines];
  return Buffer.from(hmac(deriveSigningKey(input), stringToSign.join("\n"))).toString("hex");
}
