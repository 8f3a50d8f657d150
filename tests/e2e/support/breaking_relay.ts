/**
 * A way to the proxy that breaks: after so many bytes of uploads every connection ends without a word.
 * @module
 */

/** Passes connections on to {@linkcode target}. */
export class BreakingRelay implements Disposable {
  readonly port: number;
  /** How often it has broken. */
  broken = 0;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.TcpConn>();
  /** A port of this machine. */
  target = 0;
  readonly #breakAtBytes: number[];
  #bytes = 0;

  /** `breakAtBytes`: of all that clients have sent. */
  constructor({ breakAtBytes }: { breakAtBytes: readonly number[] }) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#breakAtBytes = [...breakAtBytes];
    this.#accept();
  }

  /** Bytes that clients have sent. */
  get sentBytes(): number {
    return this.#bytes;
  }

  /** Ends every connection; new ones are taken. */
  breakOff(): void {
    this.broken++;
    for (const connection of this.#connections) this.#close(connection);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) this.#close(connection);
  }

  async #accept(): Promise<void> {
    try {
      for await (const near of this.#listener) {
        const far = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
        this.#connections.add(near).add(far);
        this.#copy(near, { to: far, counted: true });
        this.#copy(far, { to: near, counted: false });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it was closed
    }
  }

  async #copy(
    from: Deno.TcpConn,
    { to, counted }: { to: Deno.TcpConn; counted: boolean },
  ): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const read = await from.read(buffer);
        if (read === null) break;
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
        if (counted) this.#count(read);
      }
    } catch {
      // broken off, by this or by an end
    }
    this.#close(from);
    this.#close(to);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    const [next = Infinity] = this.#breakAtBytes;
    if (this.#bytes < next) return;
    this.#breakAtBytes.shift();
    this.breakOff();
  }

  #close(connection: Deno.TcpConn): void {
    if (!this.#connections.delete(connection)) return;
    connection.close();
  }
}
