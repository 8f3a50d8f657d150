/**
 * HTTP/1.1 as bytes, for the tests' own backend and client: nothing is merged, lower-cased or
 * repaired. Heads are read as latin1, so that every byte survives.
 * @module
 */

import { Buffer } from "node:buffer";
import type { Header } from "./signer.ts";

/** How a message says where its body ends. */
export type Framing = "none" | "content-length" | "chunked" | "until-close";

/** `broken`: the connection ended, or the framing made no sense, before the body's end. */
export type BodyEnd = "complete" | "broken";

/** The start line and headers of a message. */
export interface Head {
  readonly startLine: string;
  /** In the order and case they were sent; values without the blanks around them. */
  readonly headers: readonly Header[];
  /** Header lines as they came. */
  readonly headerLines: readonly string[];
}

/** Values of the headers called `name` in any case. */
export function headerValues({ headers }: Pick<Head, "headers">, name: string): string[] {
  return headers.filter(([header]) => header.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
}

/** latin1 bytes of `text`; bytes pass as they are. */
export function toBytes(piece: string | Uint8Array): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
}

/** All `pieces` in one array. */
export function joinBytes(pieces: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(pieces.map(toBytes)));
}

/** A body being read: bytes arrive in `pieces` one after the other. */
export interface BodySink {
  readonly push: (bytes: Uint8Array) => void | Promise<void>;
  readonly trailer?: (trailer: Header) => void;
}

const READ_BYTES = 64 * 1024;

/** Reads one direction of a connection. A connection that breaks is at its end. */
export class WireReader {
  readonly #connection: Deno.Conn;
  #buffered: Uint8Array = new Uint8Array();
  #filling: Promise<boolean> | undefined;
  /** What a read fills; what came is copied out of it. */
  #scratch: Uint8Array | undefined;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Waits for bytes that nobody has read yet; `false` at the end of the connection. */
  async hasMore(): Promise<boolean> {
    return this.#buffered.length > 0 || await this.#fill();
  }

  /** The next head, or `undefined` at the end of the connection. */
  async readHead(): Promise<Head | undefined> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.readLine();
      if (line === undefined) return undefined;
      if (line !== "") lines.push(line);
      else if (lines.length > 0) break;
    }
    const [startLine = "", ...headerLines] = lines;
    return { startLine, headers: headerLines.map(parseHeaderLine), headerLines };
  }

  /** One line without its end, or `undefined` at the end of the connection. */
  async readLine(): Promise<string | undefined> {
    let from = 0;
    for (;;) {
      const at = this.#buffered.indexOf(10, from);
      if (at >= 0) return Buffer.from(this.#take(at + 1)).toString("latin1").replace(/\r?\n$/, "");
      from = this.#buffered.length;
      if (!await this.#fill()) return undefined;
    }
  }

  /** Reads a whole body into `sink`. */
  async readBody(
    { framing, contentLength }: { framing: Framing; contentLength: number },
    sink: BodySink,
  ): Promise<BodyEnd> {
    if (framing === "none") return "complete";
    if (framing === "content-length") return await this.#readLength(contentLength, sink);
    if (framing === "chunked") return await this.#readChunks(sink);
    while (await this.hasMore()) await sink.push(this.#take(READ_BYTES));
    return "complete";
  }

  async #readLength(length: number, sink: BodySink): Promise<BodyEnd> {
    for (let left = length; left > 0;) {
      if (!await this.hasMore()) return "broken";
      const piece = this.#take(left);
      left -= piece.length;
      await sink.push(piece);
    }
    return "complete";
  }

  async #readChunks(sink: BodySink): Promise<BodyEnd> {
    for (;;) {
      const size = /^[0-9A-Fa-f]+/.exec(await this.readLine() ?? "")?.[0];
      if (size === undefined) return "broken";
      const length = Number.parseInt(size, 16);
      if (length === 0) break;
      if (await this.#readLength(length, sink) === "broken") return "broken";
      if (await this.readLine() !== "") return "broken";
    }
    for (;;) {
      const line = await this.readLine();
      if (line === undefined) return "broken";
      if (line === "") return "complete";
      sink.trailer?.(parseHeaderLine(line));
    }
  }

  #take(length: number): Uint8Array {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }

  /** One read at a time; whoever asks while one is under way shares it. */
  #fill(): Promise<boolean> {
    this.#filling ??= this.#read().finally(() => this.#filling = undefined);
    return this.#filling;
  }

  async #read(): Promise<boolean> {
    this.#scratch ??= new Uint8Array(READ_BYTES);
    const length = await this.#connection.read(this.#scratch).catch(() => null);
    if (length === null) return false;
    this.#buffered = Buffer.concat([this.#buffered, this.#scratch.subarray(0, length)]);
    return true;
  }
}

/** Writes all of `bytes`; `false` if the connection broke. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    return true;
  } catch {
    return false;
  }
}

/** Closes, whatever state the connection is in. */
export function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}

function parseHeaderLine(line: string): Header {
  const colonAt = line.indexOf(":");
  if (colonAt < 0) return [line, ""];
  return [line.slice(0, colonAt), line.slice(colonAt + 1).trim()];
}
