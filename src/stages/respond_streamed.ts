/**
 * Documents that are made while they go out: memory does not depend on their length, and nobody waits for their end.
 * What fits in one piece goes out with a length; of anything longer the head has gone when the end comes, so a document
 * that breaks off, or turns out to be none, ends the connection: it never looks complete.
 * @module
 */

import { ByteBuffer } from "../lib/byte_buffer.ts";
import { type ByteSource, openSource } from "../lib/byte_source.ts";
import { decodeUtf8 } from "../lib/bytes.ts";
import { THREAD_TURNS } from "../lib/turn_gate.ts";
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
  /** Takes the next bytes; answers with what goes on, which lasts until the next call. */
  push(piece: Uint8Array): Bytes;
  /** Ends it. @throws {S3Error} `BadGateway` where it is not whole. */
  finish(): void;
}

/** Pieces of a document; each lasts until the next one is asked for. */
export interface Pieces {
  readonly pieces: AsyncIterator<Bytes>;
  /** Nothing more is wanted, also while the next piece is waited for. */
  cancel(): void;
}

/**
 * The backend's document, changed by `rewriter`. An `<Error>` in a 200 is an error.
 * @throws {S3Error} `BadGateway` for a document without the root `root`; those of {@linkcode respondWithPieces} and of
 *   {@linkcode respondWithFailure}.
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
  const source = new PieceSource(rewriteBody(upstream, rewriter));
  const { bytes, isWhole } = await source.begin();
  if (rewriter.rootName === "Error") {
    source.cancel();
    return respondWithBackendError(readBackendError(500, decodeUtf8(bytes) ?? ""), context);
  }
  if (!root.test(rewriter.rootName ?? "")) {
    source.cancel();
    throw new S3Error("BadGateway", { reason: "response_not_expected" });
  }
  const headers = selectDocumentHeaders(upstream);
  return buildAnswer({ bytes, isWhole, source }, { context, headers });
}

/**
 * A document made here, piece by piece.
 * @throws {S3Error} `GatewayTimeout` where its beginning does not come within {@linkcode LIMITS.documentTimeoutMs}.
 */
export async function respondWithPieces(
  pieces: Pieces,
  { context, headers }: { context: AnswerContext; headers: Answer["headers"] },
): Promise<Answer> {
  const source = new PieceSource(pieces);
  return buildAnswer({ ...await source.begin(), source }, { context, headers });
}

/** What `rewriter` makes of the backend's body. */
export function rewriteBody({ body }: BackendResponse, rewriter: DocumentRewriter): Pieces {
  const source = body === null ? undefined : openSource(body);
  return { pieces: rewrite(source, rewriter), cancel: () => source?.cancel() };
}

async function* rewrite(
  source: ByteSource | undefined,
  rewriter: DocumentRewriter,
): AsyncGenerator<Bytes, void> {
  const piece = new Uint8Array(LIMITS.responseDocumentPieceBytes);
  const output = new ByteBuffer(piece.length);
  for (;;) {
    const length = await source?.read(piece) ?? 0;
    if (length === 0) break;
    for (let at = 0; at < length; at += LIMITS.documentPieceBytes) {
      const slice = piece.subarray(at, Math.min(length, at + LIMITS.documentPieceBytes));
      await THREAD_TURNS.step(() => output.append(rewriter.push(slice)));
    }
    yield output.take();
  }
  rewriter.finish();
  piece.buffer.transfer(0);
  output.free();
}

function buildAnswer(
  { bytes, isWhole, source }: { bytes: Bytes; isWhole: boolean; source: ByteSource },
  { context, headers }: { context: AnswerContext; headers: Answer["headers"] },
): Answer {
  const all: Answer["headers"] = [
    ...headers,
    ["content-type", "application/xml"],
    requestIdHeader(context),
  ];
  if (!isWhole) return { status: 200, headers: all, body: source, code: undefined };
  all.push(["content-length", String(bytes.length)]);
  return { status: 200, headers: all, body: bytes, code: undefined, ownsBody: true };
}

/** Pieces, read on demand. */
class PieceSource implements ByteSource {
  readonly #pieces: Pieces;
  #ready: Bytes = new Uint8Array(0);
  #readyAt = 0;
  /** Where its beginning is, until that is read. */
  #beginning: ByteBuffer | undefined;
  #isWhole = false;
  #failure: unknown;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  /** As much as goes out in one piece; reading begins there too, unless that is all. */
  async begin(): Promise<{ bytes: Bytes; isWhole: boolean }> {
    const parts = new ByteBuffer(LIMITS.documentPieceBytes);
    const timer = setTimeout(() => {
      this.#failure = new S3Error("GatewayTimeout", { reason: "response_stalled" });
      this.cancel();
    }, LIMITS.documentTimeoutMs);
    try {
      while (parts.length <= LIMITS.wholeResponseBytesMax && !this.#isWhole) {
        parts.append(await this.#next());
      }
      this.#beginning = parts;
      this.#ready = parts.take();
      return { bytes: this.#ready, isWhole: this.#isWhole };
    } catch (cause) {
      this.cancel();
      const failure = this.#failure ?? cause;
      throw failure instanceof S3Error ? failure : new S3Error("BadGateway", { cause: failure });
    } finally {
      clearTimeout(timer);
    }
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      while (this.#readyAt === this.#ready.length && !this.#isWhole) {
        this.#beginning?.free();
        this.#beginning = undefined;
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

  cancel(): void {
    if (!this.#isWhole) this.#pieces.cancel();
  }

  async #next(): Promise<Bytes> {
    const { done, value } = await this.#pieces.pieces.next();
    if (this.#failure !== undefined) throw this.#failure;
    if (done !== true) return value;
    this.#isWhole = true;
    return new Uint8Array(0);
  }
}
