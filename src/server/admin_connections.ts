/**
 * The connections of the listener for operators, on plain sockets: one GET a connection, whose head, answer and end have
 * one deadline together. Anybody may reach this port, so its cost is bounded, and a silent connection makes room for a new one.
 * @module
 */

import { encodeUtf8 } from "../lib/bytes.ts";
import { LIMITS } from "../limits.ts";

/** What is asked. */
export interface AdminRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** Answers one request; what it rejects with becomes a 500. */
export type AnswerAdmin = (request: AdminRequest) => Promise<Response>;

/** RFC 9112 §3; targets are compared with a few known paths, so nothing else of them matters. */
const REQUEST_LINE = /^([!-~]+) ([!-~]+) HTTP\/1\.[01]$/;
/** One character a byte. */
const LATIN1 = new TextDecoder("latin1");
const REFUSAL = { status: 400, headers: { "content-type": "text/plain" } };

/** The connections that are open. */
export class AdminConnections {
  readonly #answer: AnswerAdmin;
  readonly #timeoutMs: number;
  /** The oldest first. */
  readonly #open = new Set<Deno.Conn>();
  /** Of those, the ones that have not sent a request yet, or have been answered. */
  readonly #idle = new Set<Deno.Conn>();
  readonly #ended = new Map<Deno.Conn, Promise<void>>();

  /** A connection is closed after `timeoutMs`, whatever it does. */
  constructor(answer: AnswerAdmin, timeoutMs: number) {
    this.#answer = answer;
    this.#timeoutMs = timeoutMs;
  }

  /** Serves a new connection. At the bound another has to go for it: the oldest idle one, else the oldest. */
  add(connection: Deno.Conn): void {
    if (this.#open.size >= LIMITS.adminConnectionsMax) {
      const [oldest] = this.#idle.size > 0 ? this.#idle : this.#open;
      if (oldest !== undefined) this.#close(oldest);
    }
    this.#open.add(connection);
    const timer = setTimeout(() => this.#close(connection), this.#timeoutMs);
    const ended = this.#serve(connection)
      .catch(() => {}) // the client has gone, or was too slow
      .then(() => {
        clearTimeout(timer);
        this.#close(connection);
        this.#ended.delete(connection);
      });
    this.#ended.set(connection, ended);
  }

  /** Closes what is idle, and resolves when the last answer is out. */
  async finish(): Promise<void> {
    for (const connection of this.#idle) this.#close(connection);
    await Promise.all(this.#ended.values());
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#idle.add(connection);
    const head = await readHead(connection);
    this.#idle.delete(connection);
    if (head === undefined) return;
    const request = parseRequest(head);
    const response = request === undefined
      ? new Response("bad request\n", REFUSAL)
      : await this.#answer(request);
    await writeResponse(connection, { response, hasBody: request?.method !== "HEAD" });
    this.#idle.add(connection);
    await connection.closeWrite();
    await drain(connection);
  }

  #close(connection: Deno.Conn): void {
    this.#idle.delete(connection);
    if (!this.#open.delete(connection)) return;
    connection.close();
  }
}

/** The head, without its empty line; `undefined` where the client left, or sends more than a head. */
async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  const memory = new Uint8Array(LIMITS.adminHeadBytesMax);
  for (let length = 0; length < memory.length;) {
    const count = await connection.read(memory.subarray(length));
    if (count === null) return undefined;
    const from = Math.max(0, length - 3);
    length += count;
    const endAt = LATIN1.decode(memory.subarray(from, length)).indexOf("\r\n\r\n");
    if (endAt >= 0) return LATIN1.decode(memory.subarray(0, from + endAt));
  }
  return undefined;
}

function parseRequest(head: string): AdminRequest | undefined {
  const lineEnd = head.indexOf("\r\n");
  const [, method, target] = REQUEST_LINE.exec(lineEnd < 0 ? head : head.slice(0, lineEnd)) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const queryAt = target.indexOf("?");
  return { method, path: queryAt < 0 ? target : target.slice(0, queryAt) };
}

async function writeResponse(
  connection: Deno.Conn,
  { response, hasBody }: { response: Response; hasBody: boolean },
): Promise<void> {
  const body = await response.bytes();
  let head = `HTTP/1.1 ${response.status} \r\n`; // RFC 9112 §4: a reason is optional, its space is not
  response.headers.forEach((value, name) => head += `${name}: ${value}\r\n`);
  head += `content-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  await writeAll(connection, encodeUtf8(head));
  if (hasBody) await writeAll(connection, body);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Until the client has closed: what it sent and nobody read would reset the connection under the answer. */
async function drain(connection: Deno.Conn): Promise<void> {
  const memory = new Uint8Array(LIMITS.adminHeadBytesMax);
  for (let left = LIMITS.adminDiscardedBytesMax; left > 0;) {
    const count = await connection.read(memory);
    if (count === null) return;
    left -= count;
  }
}
