/**
 * A client that sends exactly the bytes it is given, over TCP or TLS, and reads responses without
 * repairing them.
 * @module
 */

import { Buffer } from "node:buffer";
import { beforeDeadline } from "./deadline.ts";
import type { Header } from "./signer.ts";
import {
  type BodyEnd,
  closeQuietly,
  type Framing,
  type Head,
  headerValues,
  joinBytes,
  toBytes,
  WireReader,
  writeAll,
} from "./wire.ts";
import { WireRecorder } from "./wire_recorder.ts";

/** A response's head. */
export interface RawResponseHead extends Head {
  readonly status: number;
  /** Statuses of interim responses that came before: `[100]` after `Expect: 100-continue`. */
  readonly interim: readonly number[];
}

/** A response as it came over the wire. */
export class RawResponse implements RawResponseHead {
  readonly startLine: string;
  readonly headers: readonly Header[];
  readonly headerLines: readonly string[];
  readonly status: number;
  readonly interim: readonly number[];
  /** Without framing; what came of it where `bodyEnd` is `broken`. */
  readonly body: Uint8Array;
  readonly bodyEnd: BodyEnd;

  constructor(head: RawResponseHead, { body, bodyEnd }: { body: Uint8Array; bodyEnd: BodyEnd }) {
    this.startLine = head.startLine;
    this.headers = head.headers;
    this.headerLines = head.headerLines;
    this.status = head.status;
    this.interim = head.interim;
    this.body = body;
    this.bodyEnd = bodyEnd;
  }

  /** The only value of a header, whatever its case; fails where there are several. */
  header(name: string): string | undefined {
    const [value, ...others] = headerValues(this, name);
    if (others.length > 0) throw new Error(`"${name}" came ${others.length + 1} times`);
    return value;
  }

  /** The body as UTF-8. */
  get text(): string {
    return Buffer.from(this.body).toString("utf8");
  }

  /** The content of `<Code>` in an S3 error document. */
  get errorCode(): string | undefined {
    return /<Error>.*<Code>([^<]*)<\/Code>/s.exec(this.text)?.[1];
  }
}

/** Where to connect. */
export interface Destination {
  readonly port: number;
  /** The authority to trust; plain TCP without it. */
  readonly caCert?: string | undefined;
}

/** Opens a connection to 127.0.0.1. */
export async function connectRaw({ port, caCert }: Destination): Promise<RawConnection> {
  const address = { hostname: "127.0.0.1", port };
  return new RawConnection(
    caCert === undefined
      ? await Deno.connect(address)
      : await Deno.connectTls({ ...address, caCerts: [caCert], alpnProtocols: ["http/1.1"] }),
  );
}

/**
 * One connection; whatever is not read stays in the socket, so a client that is not reading is
 * slow.
 */
export class RawConnection implements Disposable {
  readonly #connection: Deno.TcpConn | Deno.TlsConn;
  readonly #reader: WireReader;
  readonly #recorder = new WireRecorder();

  constructor(connection: Deno.TcpConn | Deno.TlsConn) {
    this.#connection = connection;
    this.#reader = new WireReader(connection);
  }

  /**
   * Sends bytes (texts are latin1); `false` if the peer has closed. Waits while the peer does not
   * read.
   */
  write(piece: string | Uint8Array): Promise<boolean> {
    const bytes = toBytes(piece);
    this.#recorder.sent(bytes);
    return writeAll(this.#connection, bytes);
  }

  /** Sends the end of the stream, and can still read. */
  async closeWrite(): Promise<void> {
    await this.#connection.closeWrite().catch(() => {}); // the peer was faster
  }

  /** The next response's head, or `undefined` if the peer closed instead. */
  readHead(): Promise<RawResponseHead | undefined> {
    return beforeDeadline(this.#readHead(), "a response");
  }

  /** The body that follows a head. */
  readBody(
    head: RawResponseHead,
    { method = "GET" }: { method?: string | undefined } = {},
  ): Promise<{ body: Uint8Array; bodyEnd: BodyEnd }> {
    return beforeDeadline(this.#readBody(head, method), "a response's body");
  }

  /** The next response; fails if the peer closed before its head. */
  async readResponse({ method }: { method?: string | undefined } = {}): Promise<RawResponse> {
    const head = await this.readHead();
    if (head === undefined) throw new Error("The connection was closed before a response's head");
    return new RawResponse(head, await this.readBody(head, { method }));
  }

  /** Resolves when the peer has closed; fails if it sends anything instead. */
  async closed(): Promise<void> {
    if (await beforeDeadline(this.#reader.hasMore(), "the peer to close")) {
      throw new Error("Bytes came where the connection should have been closed");
    }
  }

  /** Leaves at once; closing twice is no error. */
  close(): void {
    this.#recorder.ended();
    closeQuietly(this.#connection);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #readHead(): Promise<RawResponseHead | undefined> {
    const interim: number[] = [];
    for (;;) {
      const head = await this.#reader.readHead();
      if (head === undefined) return undefined;
      const status = Number(head.startLine.split(" ")[1]);
      if (status >= 200) return { ...head, status, interim };
      interim.push(status);
    }
  }

  async #readBody(
    head: RawResponseHead,
    method: string,
  ): Promise<{ body: Uint8Array; bodyEnd: BodyEnd }> {
    const pieces: Uint8Array[] = [];
    const contentLength = Number(headerValues(head, "content-length")[0] ?? 0);
    const bodyEnd = await this.#reader.readBody(
      { framing: responseFraming(head, method), contentLength },
      { push: (piece) => void pieces.push(piece) },
    );
    return { body: joinBytes(pieces), bodyEnd };
  }
}

/** Sends `bytes` and reads one response; the connection is closed afterwards. */
export async function sendRaw(
  destination: number | Destination,
  bytes: string | Uint8Array,
): Promise<RawResponse> {
  using connection = await connectRaw(
    typeof destination === "number" ? { port: destination } : destination,
  );
  const written = connection.write(bytes);
  const response = await connection.readResponse({ method: toText(bytes).split(" ", 1)[0] });
  connection.close();
  await written;
  return response;
}

/**
 * A body: bytes with their Content-Length, chunks as they come, or bytes that end before their
 * length.
 */
export type RawBody =
  | string
  | Uint8Array
  | { readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> }
  | { readonly bytes: Uint8Array; readonly truncateAt: number };

/** One request. */
export interface RawRequest extends Destination {
  readonly method: string;
  /** Raw, sent as it is. */
  readonly target: string;
  /**
   * Sent as they are, in this order; `Host` and the body's framing are added where they are
   * missing.
   */
  readonly headers?: readonly Header[];
  readonly body?: RawBody | undefined;
}

/** Sends a request on a connection of its own and reads the response. */
export async function request(input: RawRequest): Promise<RawResponse> {
  using connection = await connectRaw(input);
  const written = writeRequest(connection, input);
  const response = await connection.readResponse({ method: input.method });
  connection.close(); // an answer may come before the body was sent: what is left of it is dropped
  await written;
  return response;
}

/** Writes a request's head and body, and nothing else: the caller reads, or leaves. */
export async function writeRequest(connection: RawConnection, input: RawRequest): Promise<void> {
  const { body } = input;
  await connection.write(formatRequestHead(input));
  if (body === undefined) return;
  if (typeof body === "string" || body instanceof Uint8Array) {
    await connection.write(body);
  } else if ("chunks" in body) {
    for await (const chunk of body.chunks) {
      if (!await connection.write(formatChunk(chunk))) return;
    }
    await connection.write("0\r\n\r\n");
  } else {
    await connection.write(body.bytes.subarray(0, body.truncateAt));
    await connection.closeWrite();
  }
}

/** A request's head with its empty line. */
export function formatRequestHead(
  { method, target, headers = [], port, body }: RawRequest,
): string {
  const has = (name: string): boolean => headerValues({ headers }, name).length > 0;
  const all = [...headers];
  if (!has("host")) all.unshift(["Host", `127.0.0.1:${port}`]);
  if (body !== undefined && !has("content-length") && !has("transfer-encoding")) {
    all.push(framingHeader(body));
  }
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${target} HTTP/1.1\r\n${lines}\r\n`;
}

/**
 * One chunk of `Transfer-Encoding: chunked`; an empty one is nothing, because it would end the
 * body.
 */
export function formatChunk(data: Uint8Array): Uint8Array {
  if (data.length === 0) return data;
  return joinBytes([`${data.length.toString(16)}\r\n`, data, "\r\n"]);
}

function framingHeader(body: RawBody): Header {
  if (typeof body === "string") return ["Content-Length", String(toBytes(body).length)];
  if (body instanceof Uint8Array) return ["Content-Length", String(body.length)];
  if ("chunks" in body) return ["Transfer-Encoding", "chunked"];
  return ["Content-Length", String(body.bytes.length)];
}

/** RFC 9112 §6.3. */
function responseFraming(head: RawResponseHead, method: string): Framing {
  if (method === "HEAD" || head.status === 204 || head.status === 304) return "none";
  if (headerValues(head, "transfer-encoding").length > 0) return "chunked";
  return headerValues(head, "content-length").length > 0 ? "content-length" : "until-close";
}

function toText(bytes: string | Uint8Array): string {
  return typeof bytes === "string" ? bytes : Buffer.from(bytes.subarray(0, 16)).toString("latin1");
}
