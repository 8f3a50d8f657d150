/**
 * A backend's document that is changed while it streams through: memory does not depend on its length, and nobody waits
 * for its end. What fits in one piece goes out with a length; of anything longer the head has gone when the end comes,
 * so a document that breaks off, or turns out to be none, ends the connection: it never looks complete.
 * @module
 */

import { BodyReader } from "../lib/body_reader.ts";
import type { ByteSource } from "../lib/byte_source.ts";
import { concatBytes, decodeUtf8 } from "../lib/bytes.ts";
import { Turns } from "../lib/turns.ts";
import { LIMITS } from "../limits.ts";
import {
  type Answer,
  type AnswerContext,
  requestIdHeader,
  respondWithBackendError,
  respondWithFailure,
} from "../respond.ts";
import { readBackendError } from "../s3/backend_error.ts";
import { S3Error } from "../s3/error.ts";
import type { BackendResponse } from "../upstream/backend_response.ts";
import { selectDocumentHeaders } from "./respond_rewritten.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Changes a document as it comes. */
export interface DocumentRewriter {
  /** The root's name, once it is known. */
  readonly rootName: string | undefined;
  /** Takes the next bytes; answers with what goes on. */
  push(piece: Uint8Array): Bytes;
  /** Ends it. @throws {S3Error} `BadGateway` where it is not whole. */
  finish(): void;
}

/**
 * The backend's document, changed by `rewriter`. An `<Error>` in a 200 is an error.
 * @throws {S3Error} `BadGateway` for a document without the root `root`; `GatewayTimeout` where its beginning does not
 *   come within {@linkcode LIMITS.documentTimeoutMs}; those of {@linkcode respondWithFailure}.
 */
export async function respondStreamed(
  upstream: BackendResponse,
  { context, rewriter, root }: {
    context: AnswerContext;
    rewriter: DocumentRewriter;
    root: RegExp;
  },
): Promise<Answer> {
  if (upstream.status !== 200) return await respondWithFailure(upstream, context);
  const body = new RewrittenBody(upstream, rewriter);
  const { bytes, isWhole } = await body.begin();
  if (rewriter.rootName === "Error") {
    body.cancel();
    return respondWithBackendError(readBackendError(500, decodeUtf8(bytes) ?? ""), context);
  }
  if (!root.test(rewriter.rootName ?? "")) {
    body.cancel();
    throw new S3Error("BadGateway", { reason: "response_not_expected" });
  }
  const headers: Answer["headers"] = [
    ...selectDocumentHeaders(upstream),
    ["content-type", "application/xml"],
    requestIdHeader(context),
  ];
  if (!isWhole) return { status: 200, headers, body, code: undefined };
  headers.push(["content-length", String(bytes.length)]);
  return { status: 200, headers, body: bytes, code: undefined };
}

/** What the rewriter makes of the backend's body, read on demand. */
class RewrittenBody implements ByteSource {
  readonly #reader: BodyReader;
  readonly #rewriter: DocumentRewriter;
  readonly #turns = new Turns();
  #piece: Bytes = new Uint8Array(0);
  #pieceAt = 0;
  #ready: Bytes = new Uint8Array(0);
  #readyAt = 0;
  #isWhole = false;
  #failure: unknown;

  constructor({ body }: BackendResponse, rewriter: DocumentRewriter) {
    if (body === null) throw new S3Error("BadGateway", { reason: "response_empty" });
    this.#reader = new BodyReader(body, LIMITS.responseDocumentPieceBytes);
    this.#rewriter = rewriter;
  }

  /** As much as goes out in one piece; reading goes on behind it, unless that is all. */
  async begin(): Promise<{ bytes: Bytes; isWhole: boolean }> {
    const parts: Bytes[] = [];
    const stalled = new S3Error("GatewayTimeout", { reason: "response_stalled" });
    const timer = setTimeout(() => {
      this.#failure = stalled;
      this.#reader.cancel();
    }, LIMITS.documentTimeoutMs);
    try {
      for (let length = 0; length <= LIMITS.wholeResponseBytesMax && !this.#isWhole;) {
        const part = await this.#next();
        length += part.length;
        parts.push(part);
      }
      this.#ready = concatBytes(parts);
      return { bytes: this.#ready, isWhole: this.#isWhole };
    } catch (cause) {
      this.cancel();
      throw this.#failure === stalled || !(cause instanceof S3Error)
        ? asS3Error(this.#failure ?? cause)
        : cause;
    } finally {
      clearTimeout(timer);
    }
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      while (this.#readyAt === this.#ready.length && !this.#isWhole) {
        this.#ready = await this.#next();
        this.#readyAt = 0;
      }
    } catch (cause) {
      this.#failure = cause;
      this.cancel();
      throw cause;
    }
    const part = this.#ready.subarray(this.#readyAt, this.#readyAt + into.length);
    into.set(part);
    this.#readyAt += part.length;
    return part.length;
  }

  cancel(reason?: unknown): void {
    if (!this.#isWhole) this.#reader.cancel(reason);
  }

  /** What the next slice of the backend's bytes becomes. */
  async #next(): Promise<Bytes> {
    await this.#turns.breathe();
    if (this.#pieceAt === this.#piece.length) {
      const piece = await this.#reader.read();
      if (this.#failure !== undefined) throw this.#failure;
      if (piece === undefined) {
        this.#rewriter.finish();
        this.#isWhole = true;
        return new Uint8Array(0);
      }
      this.#piece = piece;
      this.#pieceAt = 0;
    }
    const slice = this.#piece.subarray(this.#pieceAt, this.#pieceAt + LIMITS.documentPieceBytes);
    this.#pieceAt += slice.length;
    const rewritten = this.#turns.work(() => this.#rewriter.push(slice));
    if (this.#pieceAt === this.#piece.length) {
      this.#reader.free(this.#piece);
      this.#piece = new Uint8Array(0);
      this.#pieceAt = 0;
    }
    return rewritten;
  }
}

function asS3Error(cause: unknown): S3Error {
  return cause instanceof S3Error ? cause : new S3Error("BadGateway", { cause });
}
