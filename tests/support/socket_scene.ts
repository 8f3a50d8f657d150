/**
 * A socket transport, and a backend on raw TCP that answers it by a script.
 * @module
 */

import assert from "node:assert/strict";
import type { ByteSource } from "../../src/lib/byte_source.ts";
import type { BackendResponse } from "../../src/upstream/backend_response.ts";
import { createSocketTransport } from "../../src/upstream/socket_transport.ts";
import type {
  Closable,
  Transport,
  TransportBody,
  TransportCall,
  TransportOptions,
} from "../../src/upstream/transport.ts";
import { beforeDeadline } from "./deadline.ts";
import { Gate } from "./gate.ts";
import { type Answer, type RecordingBackend, startRecordingBackend } from "./recording_backend.ts";

/** A call that nothing breaks off but a test. */
export class PatientCall implements TransportCall {
  isConnected = false;
  isSent = false;
  #what: Closable | undefined;
  closeWhenBroken(what: Closable): void {
    this.#what = what;
  }
  stop(): void {
    this.#what?.close();
  }
  connectsUnseen(): void {
    assert.fail("it sees");
  }
  connected(): void {
    this.isConnected = true;
  }
  sent(): void {
    this.isSent = true;
  }
}

/** What is asked for; a GET by default. */
export interface Asked {
  readonly method?: string;
  readonly target?: string;
  readonly body?: TransportBody;
  readonly call?: TransportCall;
}

/** A transport to a backend that answers its first requests by a script, and all others with an empty 200. */
export class Scene implements AsyncDisposable {
  readonly backend: RecordingBackend;
  readonly transport: Transport;

  constructor(answers: readonly Answer[], options: Partial<TransportOptions> = {}) {
    let count = 0;
    this.backend = startRecordingBackend(() => answers[count++] ?? {});
    this.transport = createSocketTransport({
      endpoint: new URL(`http://127.0.0.1:${this.backend.port}`),
      caCertificates: [],
      clientCertificate: undefined,
      idleConnectionTimeoutMs: 60_000,
      maxIdleConnections: 10,
      prefersFetch: false,
      stallTimeoutMs: undefined,
      userAgent: "test",
      ...options,
    });
  }

  send({ method = "GET", target = "/b/k", body = { kind: "none" }, call }: Asked = {}): Promise<
    BackendResponse
  > {
    const request = { method, target, headers: new Map([["x-amz-a", "\xe9"]]), body };
    return beforeDeadline(this.transport.send(request, call ?? new PatientCall()), "an answer");
  }

  /** Status and body of an answer. */
  async read(asked?: Asked): Promise<readonly [status: number, text: string]> {
    const response = await this.send(asked);
    return [response.status, await readText(response)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.transport.close();
    await this.backend[Symbol.asyncDispose]();
  }
}

/** The body, a character a byte, read in pieces. */
export async function readText({ body }: BackendResponse, pieceBytes = 7): Promise<string> {
  if (body === null) return "";
  assert.ok(!(body instanceof ReadableStream));
  let text = "";
  for (const piece = new Uint8Array(pieceBytes);;) {
    const length = await beforeDeadline(body.read(piece), "a piece");
    if (length === 0) return text;
    text += String.fromCharCode(...piece.subarray(0, length));
  }
}

/** A body that a test makes. */
export class Pieces implements ByteSource {
  readonly #pieces: (Uint8Array | Gate | Error)[];
  readonly cancelled = Promise.withResolvers<void>();

  constructor(...pieces: (Uint8Array | Gate | Error)[]) {
    this.#pieces = pieces;
  }

  async read(into: Uint8Array): Promise<number> {
    const piece = this.#pieces.shift();
    if (piece instanceof Gate) {
      await Promise.race([piece.opened, this.cancelled.promise]);
      return await this.read(into);
    }
    if (piece instanceof Error) throw piece;
    into.set(piece ?? new Uint8Array(0));
    return piece?.length ?? 0;
  }

  cancel(): void {
    this.cancelled.resolve();
  }
}

/** A body of `bytes` bytes that come, or do not, as told. */
export function sized(bytes: number, ...pieces: (Uint8Array | Gate | Error)[]): TransportBody & {
  stream: Pieces;
} {
  return { kind: "sized", stream: new Pieces(...pieces), bytes };
}
