/**
 * `aws-chunked` framing: a pure machine from bytes to events.
 * See {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html} (Defining the
 * chunk body),
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html}.
 * @module
 */

import { decodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { PayloadHash } from "../sigv4/content_sha256.ts";

/** The forms of `x-amz-content-sha256` whose body is framed. */
export type ChunkedForm = Exclude<PayloadHash["kind"], "signed" | "unsigned">;

/** What a framed body consists of, in this order; the closing chunk has size 0 and no `data`. */
export type ChunkEvent =
  | {
    readonly kind: "chunk_header";
    readonly bytes: number;
    /** 64 lower-case hexadecimal digits where chunks are signed. */
    readonly signature: string | undefined;
  }
  /** Part of a chunk: a view of the bytes that were pushed. */
  | { readonly kind: "data"; readonly data: Uint8Array }
  | { readonly kind: "chunk_end" }
  /** `name` in lower case. */
  | { readonly kind: "trailer"; readonly name: string; readonly value: string }
  | { readonly kind: "trailer_signature"; readonly signature: string }
  | { readonly kind: "done" };

const CR = 0x0d;
const LF = 0x0a;
const LINE_BYTES_MAX = Math.max(LIMITS.chunkHeaderBytesMax, LIMITS.trailerBytesMax);
const SIZE = /^[0-9A-Fa-f]+$/;
const CHUNK_SIGNATURE = ";chunk-signature=";
const SIGNATURE = /^[0-9a-f]{64}$/;
/**
 * RFC 9110 §5.6.2: a token. Blanks around the colon and behind the value are not the value's; the line is bounded by
 * {@linkcode LIMITS.trailerBytesMax}, and each class ends where the next begins, so that it is read in linear time.
 */
const TRAILER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*([!-~].*)$/;
const PRINTABLE = /^[ -~]*$/;
const SIGNATURE_TRAILER = "x-amz-trailer-signature";

/** Parses one body. After it has thrown, it is of no further use. */
export class ChunkParser {
  readonly #isSigned: boolean;
  readonly #hasTrailers: boolean;
  #state: "header" | "data" | "data_end" | "trailers" | "end" = "header";
  /** Bytes of the current chunk that are still to come. */
  #dataBytes = 0;
  /** Beginning of a line whose end has not been pushed yet. */
  #line: Uint8Array | undefined;
  #lineBytes = 0;
  #trailers = 0;
  #trailerBytes = 0;
  /** The last trailer ended in a bare LF, so that CRLF must follow. */
  #isTrailerOpen = false;
  #isTrailerSignatureMissing: boolean;

  constructor(form: ChunkedForm) {
    this.#isSigned = form !== "chunked_unsigned_trailer";
    this.#hasTrailers = form !== "chunked_signed";
    this.#isTrailerSignatureMissing = form === "chunked_signed_trailer";
  }

  /**
   * Takes the next bytes. The events must be consumed to the end before more is pushed.
   * @throws {S3Error} `IncompleteBody` for broken framing, as S3 answers; `MalformedTrailerError`.
   */
  *push(bytes: Uint8Array): Generator<ChunkEvent, void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === "end") throw broken("Bytes after the end");
      if (this.#state === "data") {
        const data = bytes.subarray(at, at + this.#dataBytes);
        at += data.length;
        this.#dataBytes -= data.length;
        if (this.#dataBytes === 0) this.#state = "data_end";
        yield { kind: "data", data };
        continue;
      }
      const lineEnd = bytes.indexOf(LF, at);
      if (lineEnd < 0) return this.#holdLine(bytes.subarray(at));
      const line = this.#takeLine(bytes.subarray(at, lineEnd + 1));
      at = lineEnd + 1;
      yield* this.#parseLine(line);
    }
  }

  /** @throws {S3Error} `IncompleteBody` unless the body is whole. */
  end(): void {
    if (this.#state !== "end") throw broken(`Ends in "${this.#state}"`);
  }

  /** Keeps the beginning of a line, in one buffer for all: a push of one byte costs one byte. */
  #holdLine(part: Uint8Array): void {
    this.#verifyLineLength(part.length);
    this.#line ??= new Uint8Array(LINE_BYTES_MAX);
    this.#line.set(part, this.#lineBytes);
    this.#lineBytes += part.length;
  }

  /** The whole line, with its LF. */
  #takeLine(part: Uint8Array): Uint8Array {
    if (this.#lineBytes === 0) {
      this.#verifyLineLength(part.length);
      return part;
    }
    this.#holdLine(part);
    const line = this.#line?.subarray(0, this.#lineBytes) ?? part;
    this.#lineBytes = 0;
    return line;
  }

  #verifyLineLength(more: number): void {
    const bytes = this.#lineBytes + more;
    if (this.#state !== "trailers") {
      if (bytes > LIMITS.chunkHeaderBytesMax) throw broken("Line too long");
    } else if (this.#trailerBytes + bytes > LIMITS.trailerBytesMax) {
      throw new S3Error("MalformedTrailerError");
    }
  }

  *#parseLine(line: Uint8Array): Generator<ChunkEvent, void> {
    if (this.#state === "trailers") return yield* this.#parseTrailerLine(line);
    if (line.at(-2) !== CR) throw broken("LF without CR");
    if (this.#state === "data_end") {
      if (line.length !== 2) throw broken("Chunk longer than its size");
      this.#state = "header";
      yield { kind: "chunk_end" };
      return;
    }
    const header = this.#parseHeader(decodeAscii(line.subarray(0, -2)));
    yield header;
    this.#dataBytes = header.bytes;
    this.#state = header.bytes > 0 ? "data" : "trailers";
    if (header.bytes === 0) yield { kind: "chunk_end" };
  }

  #parseHeader(line: string): ChunkEvent & { kind: "chunk_header" } {
    const [size = "", signature, ...rest] = this.#isSigned ? line.split(CHUNK_SIGNATURE) : [line];
    const isSigned = signature !== undefined && rest.length === 0 && SIGNATURE.test(signature);
    const isWhole = isSigned === this.#isSigned && SIZE.test(size) &&
      size.length <= LIMITS.chunkSizeDigitsMax;
    const bytes = isWhole ? Number.parseInt(size, 16) : NaN;
    if (!Number.isSafeInteger(bytes)) throw broken("Chunk header");
    return { kind: "chunk_header", bytes, signature };
  }

  *#parseTrailerLine(line: Uint8Array): Generator<ChunkEvent, void> {
    this.#trailerBytes += line.length;
    const endsInCrlf = line.at(-2) === CR;
    if (endsInCrlf && line.length === 2) {
      if (this.#isTrailerOpen) {
        this.#isTrailerOpen = false;
        return;
      }
      if (this.#isTrailerSignatureMissing) throw new S3Error("MalformedTrailerError");
      this.#state = "end";
      yield { kind: "done" };
      return;
    }
    if (this.#isTrailerOpen || !this.#hasTrailers || this.#trailers === LIMITS.trailersMax) {
      throw new S3Error("MalformedTrailerError");
    }
    // minio-go ends a trailer in "\n\r\n" where everyone else sends "\r\n".
    this.#isTrailerOpen = !endsInCrlf;
    this.#trailers++;
    yield this.#parseTrailer(decodeAscii(line.subarray(0, endsInCrlf ? -2 : -1)));
  }

  #parseTrailer(line: string): ChunkEvent {
    const [, name, value] = TRAILER.exec(trimEnd(line)) ?? [];
    // The signature has to be the last trailer, because it covers those before it.
    if (
      name === undefined || value === undefined || !PRINTABLE.test(value) ||
      this.#isSigned && !this.#isTrailerSignatureMissing
    ) {
      throw new S3Error("MalformedTrailerError");
    }
    if (!this.#isSigned || name.toLowerCase() !== SIGNATURE_TRAILER) {
      return { kind: "trailer", name: name.toLowerCase(), value };
    }
    if (!SIGNATURE.test(value)) throw new S3Error("MalformedTrailerError");
    this.#isTrailerSignatureMissing = false;
    return { kind: "trailer_signature", signature: value };
  }
}

/** Without the blanks at its end: a regular expression would begin anew at each of them. */
function trimEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === " " || line[end - 1] === "\t") end--;
  return line.slice(0, end);
}

/**
 * What is not ASCII matches none of the patterns above; what is not even UTF-8 becomes nothing,
 * which does not either.
 */
function decodeAscii(line: Uint8Array): string {
  return decodeUtf8(line) ?? "";
}

/** S3's answer to any framing that it cannot follow; `problem` is for the log. */
function broken(problem: string): S3Error {
  return new S3Error("IncompleteBody", {
    message: "The request body terminated unexpectedly",
    cause: new Error(`Cannot parse the chunked body: ${problem}`),
    reason: "malformed_chunk",
  });
}
