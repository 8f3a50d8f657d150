/**
 * One small question to the backend that no client has asked, signed with the master key, and its whole answer.
 * @module
 */

import type { Clock } from "../lib/clock.ts";
import { LIMITS } from "../limits.ts";
import type { Resource } from "../s3/addressing.ts";
import { S3Error } from "../s3/error.ts";
import { parseBackendDocument, type XmlElement } from "../s3/xml.ts";
import { UNSIGNED_PAYLOAD } from "../sigv4/content_sha256.ts";
import { type SigningCredentials, signRequest } from "../sigv4/sign.ts";
import type { BackendHeaders, BackendResponse } from "./backend_response.ts";
import { readText } from "./read_text.ts";
import { createSocketTransport } from "./socket_transport.ts";
import { buildUpstreamTarget } from "./target.ts";
import type { Closable, Transport, TransportCall, TransportOptions } from "./transport.ts";

/** How to ask. */
export interface AskOptions {
  readonly transport: TransportOptions;
  readonly credentials: SigningCredentials;
  readonly connectTimeoutMs: number;
  readonly responseHeaderTimeoutMs: number;
  readonly clock: Clock;
}

/** What to ask. */
export interface BackendQuestion {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly resource: Resource;
  readonly parameters?: ReadonlyMap<string, string>;
  readonly headers?: ReadonlyMap<string, string>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Default: none is said. */
  readonly payloadHash?: string;
}

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers: BackendHeaders;
  /** What it says it is. */
  readonly server: string | undefined;
  /** `undefined` for one over {@linkcode LIMITS.rewrittenXmlBytesMax}, or that is no text. */
  readonly text: string | undefined;
  readonly askedAt: Date;
  readonly answeredAt: Date;
}

/** Nothing came in time. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
  readonly timeoutMs: number;
  /** Whether there was a connection. */
  readonly isConnected: boolean;

  constructor({ timeoutMs, isConnected }: { timeoutMs: number; isConnected: boolean }) {
    super(`No answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
    this.isConnected = isConnected;
  }
}

/** Asks on a connection of its own. Rejects with {@linkcode NotAnswered}, or with what the transport does. */
export async function askBackend(question: BackendQuestion, options: AskOptions): Promise<Reply> {
  const transport = createSocketTransport({ ...options.transport, maxIdleConnections: 0 });
  try {
    return await ask(transport, { ...options, ...question });
  } finally {
    transport.close();
  }
}

const NONE: ReadonlyMap<string, string> = new Map();

async function ask(
  transport: Transport,
  {
    method,
    resource,
    parameters = NONE,
    headers: asked = NONE,
    body: bytes,
    payloadHash = UNSIGNED_PAYLOAD,
    ...options
  }: AskOptions & BackendQuestion,
): Promise<Reply> {
  const { endpoint } = options.transport;
  const askedAt = options.clock();
  const { path, query, target, host } = buildUpstreamTarget(endpoint, {
    resource,
    parameters,
  });
  const headers = signRequest(
    { method, path, query, host, payloadHash, headers: asked },
    { credentials: options.credentials, now: askedAt },
  );
  const patience = new Patience(options);
  try {
    const body = bytes === undefined || bytes.length === 0
      ? { kind: "none" } as const
      : { kind: "bytes", bytes } as const;
    const request = { method, target, headers, body };
    const response = await transport.send(request, patience);
    const answeredAt = options.clock();
    const server = response.headers.get("server") ?? undefined;
    const text = method === "HEAD" ? "" : await readBody(response);
    return {
      status: response.status,
      headers: response.headers,
      server,
      text,
      askedAt,
      answeredAt,
    };
  } catch (error) {
    throw patience.isOver ? patience.describe() : error;
  } finally {
    patience.end();
  }
}

async function readBody(response: BackendResponse): Promise<string | undefined> {
  try {
    return await readText(response, LIMITS.rewrittenXmlBytesMax);
  } catch (error) {
    const known = ["response_too_large", "response_not_utf8"];
    if (error instanceof S3Error && known.includes(error.reason ?? "")) return undefined;
    throw error;
  }
}

/** The document that an answer is; `undefined` for HTML, or nothing. */
export function readDocument(text: string | undefined): XmlElement | undefined {
  try {
    return parseBackendDocument(text ?? "");
  } catch {
    return undefined;
  }
}

/** First for a connection, then for the answer. */
class Patience implements TransportCall {
  isOver = false;
  readonly #answerTimeoutMs: number;
  #timeoutMs: number;
  #isConnected = false;
  #timer: ReturnType<typeof setTimeout>;
  #broken: Closable | undefined;

  constructor({ connectTimeoutMs, responseHeaderTimeoutMs }: AskOptions) {
    this.#timeoutMs = connectTimeoutMs;
    this.#answerTimeoutMs = responseHeaderTimeoutMs;
    this.#timer = this.#wait();
  }

  closeWhenBroken(what: Closable): void {
    this.#broken = what;
    if (this.isOver) what.close();
  }

  connectsUnseen(): void {}

  connected(): void {
    clearTimeout(this.#timer);
    this.#isConnected = true;
    this.#timeoutMs = this.#answerTimeoutMs;
    this.#timer = this.#wait();
  }

  sent(): void {}

  end(): void {
    clearTimeout(this.#timer);
  }

  describe(): NotAnswered {
    return new NotAnswered({ timeoutMs: this.#timeoutMs, isConnected: this.#isConnected });
  }

  #wait(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.isOver = true;
      this.#broken?.close();
    }, this.#timeoutMs);
  }
}
