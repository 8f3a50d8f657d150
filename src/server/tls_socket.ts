/**
 * TLS with a client on a TCP connection that stays ours: it can be closed at any time. `Deno.TlsConn.close()` waits in the
 * background for a client whose handshake has not ended, or that does not read, and nothing else closes it (2.9.6), so
 * silent clients could take every file descriptor. ARCHITECTURE.md has what this costs.
 * @module
 */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { LIMITS } from "../limits.ts";
import type { ClientSocket } from "./client_socket.ts";

/** A certificate and its key, both PEM, as {@linkcode TlsSocket} takes them. Throws where they do not fit. */
export function readSecureContext(
  { cert, key }: { readonly cert: string; readonly key: string },
): SecureContext {
  return createSecureContext({ cert, key });
}

/** The side of the server. */
export class TlsSocket implements ClientSocket {
  readonly #tcp: TcpStream;
  readonly #tls: TLSSocket;
  readonly #shaken: Promise<void>;
  /** What was decrypted and not read yet. */
  #rest: Uint8Array | undefined;
  /** What the last read had room for. */
  #room = 0;
  #isWriting = false;
  #isSecure = false;
  #failure: Error | undefined;
  #wake = (): void => {};
  #closing: ReturnType<typeof setTimeout> | undefined;

  /** Begins the handshake. `tcp` is its own from now on. */
  constructor(tcp: Deno.TcpConn, secureContext: SecureContext) {
    const options = { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] };
    this.#tcp = new TcpStream(tcp, () => this.#countWanted());
    const tls = new TLSSocket(this.#tcp, options);
    this.#tls = tls;
    this.#shaken = new Promise((resolve, reject) => {
      tls.once("secure", () => {
        this.#isSecure = true;
        resolve();
      });
      tls.once("close", () => reject(this.#failure ?? new Deno.errors.Interrupted("closed")));
    });
    this.#shaken.catch(() => {}); // handshake() tells
    tls.on("error", (error) => this.#failure ??= error);
    for (const event of ["readable", "end", "close"]) tls.on(event, () => this.#wake());
    tls.once("close", () => clearTimeout(this.#closing));
  }

  handshake(): Promise<void> {
    return this.#shaken;
  }

  async read(into: Uint8Array): Promise<number | null> {
    this.#room = into.length;
    for (;;) {
      const bytes: Uint8Array | null = this.#rest ?? this.#tls.read();
      if (bytes !== null) {
        const length = Math.min(bytes.length, into.length);
        into.set(bytes.subarray(0, length));
        this.#rest = length < bytes.length ? bytes.subarray(length) : undefined;
        this.#tcp.readOn();
        return length;
      }
      if (this.#tls.readableEnded) return null;
      if (this.#tls.destroyed) throw this.#failure ?? new Deno.errors.Interrupted("closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#isWriting = true;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return new Promise((resolve, reject) => {
      this.#tls.write(buffer, (error) => {
        this.#isWriting = false;
        if (error == null) resolve(bytes.length);
        else reject(error);
      });
    });
  }

  /**
   * A `TLSSocket` takes and holds whatever comes (2.9.6), so the connection below reads only when somebody has asked for data: a
   * record at least, and of an upload as much as goes on at once.
   */
  #countWanted(): number {
    if (!this.#isSecure) return LIMITS.tlsReadBytes;
    const held = (this.#rest?.length ?? 0) + this.#tls.readableLength;
    if (held >= LIMITS.tlsReadBytes) return 0;
    return Math.max(LIMITS.tlsReadBytes, Math.min(this.#room, LIMITS.bodyPieceBytesMax));
  }

  /** With TLS's own farewell, where the client takes it. */
  close(): void {
    const tls = this.#tls;
    if (this.#isWriting || !this.#isSecure || tls.destroyed) {
      tls.destroy();
      return;
    }
    this.#closing = setTimeout(() => tls.destroy(), LIMITS.tlsFarewellMs);
    tls.end(() => tls.destroy());
  }
}

/** A TCP connection as what `node:tls` takes; it reads when it is asked to, as much as `countWanted` says at the most. */
class TcpStream extends Duplex {
  readonly #tcp: Deno.TcpConn;
  readonly #countWanted: () => number;
  #isReading = false;
  #isAsked = false;
  /** Whether there was more than the last read had room for. */
  #isFlowing = false;
  /** Of the last read, where what came was small and was copied. */
  #memory: Uint8Array<ArrayBuffer> | undefined;

  constructor(tcp: Deno.TcpConn, countWanted: () => number) {
    super({ allowHalfOpen: true });
    this.#tcp = tcp;
    this.#countWanted = countWanted;
  }

  override _read(): void {
    this.#isAsked = true;
    this.readOn();
  }

  /** Reads, where it was asked to and has waited. */
  readOn(): void {
    if (!this.#isAsked || this.#isReading || this.destroyed) return;
    const wanted = this.#countWanted();
    if (wanted > 0) void this.#readOnce(this.#isFlowing ? wanted : LIMITS.tlsReadBytes);
  }

  override _write(bytes: Uint8Array, ...[, done]: [unknown, (error?: Error) => void]): void {
    this.#writeAll(bytes).then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.#tcp.closeWrite().then(done, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    try {
      this.#tcp.close();
    } catch {
      // It broke before.
    }
    done(error);
  }

  async #readOnce(bytes: number): Promise<void> {
    this.#isReading = true;
    this.#isAsked = false;
    try {
      const memory = this.#memory ?? new Uint8Array(bytes);
      const length = await this.#tcp.read(memory);
      this.#isReading = false;
      this.#isFlowing = length === memory.length;
      // Making the memory anew costs more than copying a request's head out of it.
      const isSmall = length !== null && length <= LIMITS.idleReadBytes;
      this.#memory = isSmall && memory.length === LIMITS.tlsReadBytes ? memory : undefined;
      this.push(
        length === null ? null : isSmall ? memory.slice(0, length) : memory.subarray(0, length),
      );
    } catch (error) {
      // What a socket rejects with is an error.
      this.destroy(error as Error);
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#tcp.write(bytes.subarray(at));
  }
}
