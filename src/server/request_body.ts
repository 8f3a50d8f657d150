/**
 * A request's body from `node:http` as a web stream: read on demand, so that a slow backend slows the client down, and
 * watched, so that neither can stop for ever.
 * @module
 */

import { StallTimer } from "../lib/stall_timer.ts";
import { LIMITS } from "../limits.ts";
import { S3Error } from "../s3/error.ts";
import type { CoalescedMessage } from "./coalesced_message.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What {@linkcode RequestBody} is told. */
export interface RequestBodyOptions {
  /** How long the body may stand still once it is being read; `undefined`: for ever. */
  readonly stallTimeoutMs: number | undefined;
  /** Called before the first byte is asked for: the client may wait for `100 Continue`. */
  readonly onFirstRead: () => void;
  /** Called, before the stream errors, when no more of the body will come. */
  readonly onBroken: (reason: unknown) => void;
}

/** The body of one request. */
export class RequestBody {
  /** Errors, and never closes, when the body breaks off. */
  readonly stream: ReadableStream<Bytes>;
  readonly #message: CoalescedMessage;
  readonly #options: RequestBodyOptions;
  readonly #allRead = Promise.withResolvers<void>();
  readonly #discarded = Promise.withResolvers<void>();
  readonly #bytesExpected: number;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #stall: StallTimer | undefined;
  #bytes = 0;
  #isWanted = false;
  #freesPieces = false;
  #lastPiece: Bytes | undefined;
  #state: "open" | "read" | "over" = "open";

  constructor(message: CoalescedMessage, options: RequestBodyOptions) {
    this.#message = message;
    this.#options = options;
    // Infinity: a chunked body has no length.
    this.#bytesExpected = Number(message.headers["content-length"] ?? Infinity);
    this.stream = new ReadableStream<Bytes>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#leave(),
    }, { highWaterMark: 0 });
    message.pause();
    message.on("data", (chunk: Bytes) => this.#push(chunk));
    message.once("end", () => this.#end());
    message.once("error", (error) => this.break(error));
    message.once("close", () => this.break(new Error("The client has gone")));
  }

  /** Resolves when the last byte has been read by whoever wanted it. */
  get allRead(): Promise<void> {
    return this.#allRead.promise;
  }

  /** Whether the last byte has been read. */
  get isRead(): boolean {
    return this.#state === "read";
  }

  /**
   * Gives the memory of a piece back when the next is asked for. Whoever reads must not look back, but may hand pieces to
   * the runtime, as `fetch`'s body: the runtime holds what it still sends.
   */
  freePieces(): void {
    this.#freesPieces = true;
  }

  /** No more of the body will come, or be waited for. */
  break(reason: unknown): void {
    if (this.#state !== "open") return;
    this.#leave();
    this.#options.onBroken(reason);
    this.#controller?.error(reason);
  }

  /** What comes is no body: nothing of it is read any more. */
  breakFraming(error: Error): void {
    this.break(new S3Error("IncompleteBody", { cause: error }));
    this.#giveUp();
  }

  /**
   * Throws away what the client still sends, within {@linkcode LIMITS.discardedBodyBytesMax} and
   * {@linkcode LIMITS.discardedBodyTimeoutMs}: one that is answered while it sends would otherwise meet TCP's RST before
   * it has read the answer. Resolves when it is over.
   */
  async discard(): Promise<void> {
    if (this.#state === "open") this.#controller?.error(new Error("Answered before the body came"));
    this.#leave();
    const message = this.#message;
    const { socket, tinyPieces } = message;
    const { bytesRead } = socket;
    let bytes = 0;
    message.on("data", (piece: Bytes) => {
      bytes += piece.length;
      freePiece(piece);
      const tinyBytes = (message.tinyPieces - tinyPieces) * LIMITS.discardedTinyPieceBytes;
      if (bytes + tinyBytes > LIMITS.discardedBodyBytesMax) this.#giveUp();
    });
    const { promise, resolve } = this.#discarded;
    message.once("end", resolve).once("error", resolve).once("close", resolve);
    const timer = setTimeout(() => this.#giveUp(), LIMITS.discardedBodyTimeoutMs);
    // Trailers and extensions of chunks are no data, and may be endless.
    const framing = setInterval(() => {
      if (socket.bytesRead - bytesRead > 2 * LIMITS.discardedBodyBytesMax) this.#giveUp();
    }, LIMITS.connectionCheckIntervalMs);
    if (message.readableEnded || message.destroyed) resolve();
    message.resume();
    await promise;
    clearTimeout(timer);
    clearInterval(framing);
    message.pause();
  }

  /** Pausing the message would not do: the socket's bytes would go on to the parser until 64 KiB of a body wait. */
  #giveUp(): void {
    this.#message.socket.pause();
    this.#discarded.resolve();
  }

  #pull(): void {
    if (this.#stall === undefined) {
      const timeoutMs = this.#options.stallTimeoutMs;
      this.#stall = new StallTimer({ timeoutMs, onStall: () => this.break(this.#describeStall()) });
      this.#options.onFirstRead();
    }
    if (this.#lastPiece !== undefined) freePiece(this.#lastPiece);
    this.#lastPiece = undefined;
    this.#isWanted = true;
    this.#message.resume();
  }

  #push(chunk: Bytes): void {
    if (this.#state !== "open") return;
    this.#stall?.progress();
    this.#bytes += chunk.length;
    this.#isWanted = false;
    this.#message.pause();
    if (this.#freesPieces) this.#lastPiece = chunk;
    // A plain view: `Buffer` means something else by `slice`.
    this.#controller?.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    if (this.#bytes === this.#bytesExpected) this.#end();
  }

  #end(): void {
    if (this.#state !== "open") return;
    this.#state = "read";
    this.#stall?.stop();
    this.#controller?.close();
    this.#allRead.resolve();
    this.#message.resume();
  }

  #leave(): void {
    this.#state = "over";
    this.#stall?.stop();
  }

  /** Who stands still: the client while somebody waits for it, else whoever should read. */
  #describeStall(): S3Error {
    return this.#isWanted
      ? new S3Error("RequestTimeout", { reason: "client_stalled" })
      : new S3Error("GatewayTimeout", { reason: "backend_stalled" });
  }
}

/** Gives memory back that is this piece's alone; V8 collects late: a hundred refused uploads took 900 MB. */
export function freePiece({ buffer, length }: Bytes): void {
  if (buffer.byteLength === length) buffer.transfer(0);
}
