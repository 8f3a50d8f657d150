/**
 * The floor of what the runtime's plain sockets can do: a proxy that reads heads as far as it must, and passes on the rest through one
 * piece of memory for each connection. It refuses nothing; see main.ts. Arguments: the port to listen on, and the backend's origin.
 * @module
 */

const [port, backend = ""] = Deno.args;
const { hostname, port: backendPort } = new URL(backend);
const PIECE_BYTES = 256 * 1024;
const HEAD_END = "\r\n\r\n";

/** One direction: messages of one side, passed on to the other. */
class Direction {
  readonly #from: Deno.Conn;
  readonly #to: Deno.Conn;
  readonly #piece: Uint8Array;

  constructor({ from, to, piece }: { from: Deno.Conn; to: Deno.Conn; piece: Uint8Array }) {
    this.#from = from;
    this.#to = to;
    this.#piece = piece;
  }

  /** Passes one message on; `undefined` at the end. Returns its start line. */
  async pass({ hasBody }: { hasBody: boolean }): Promise<string | undefined> {
    let head = "";
    let length = 0;
    for (let end = -1; end < 0; end = head.indexOf(HEAD_END)) {
      const read = await this.#from.read(this.#piece.subarray(length));
      if (read === null) return undefined;
      length += read;
      head = latin1.decode(this.#piece.subarray(0, length));
    }
    const [, bytes = "0"] = /^content-length: (\d+)/im.exec(head) ?? [];
    const headBytes = head.indexOf(HEAD_END) + HEAD_END.length;
    let left = hasBody ? Number(bytes) - (length - headBytes) : 0;
    await this.#write(length);
    while (left > 0) {
      const read = await this.#from.read(this.#piece);
      if (read === null) return undefined;
      left -= read;
      await this.#write(read);
    }
    return head.slice(0, head.indexOf("\r\n"));
  }

  async #write(length: number): Promise<void> {
    for (let at = 0; at < length;) at += await this.#to.write(this.#piece.subarray(at, length));
  }
}

const latin1 = new TextDecoder("latin1");

async function serve(client: Deno.Conn): Promise<void> {
  const server = await Deno.connect({ hostname, port: Number(backendPort) });
  const piece = new Uint8Array(PIECE_BYTES);
  const requests = new Direction({ from: client, to: server, piece });
  const responses = new Direction({ from: server, to: client, piece });
  try {
    for (;;) {
      const line = await requests.pass({ hasBody: true });
      if (line === undefined) break;
      if (await responses.pass({ hasBody: !line.startsWith("HEAD ") }) === undefined) break;
    }
  } catch {
    // One of them has gone.
  }
  client.close();
  server.close();
}

for await (const client of Deno.listen({ hostname: "127.0.0.1", port: Number(port) })) {
  client.setNoDelay(true);
  void serve(client);
}
