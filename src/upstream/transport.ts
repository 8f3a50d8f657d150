/**
 * What every way to the backend is: a signed request in, the head of its response out. There are two, `fetch`
 * (fetch_transport.ts) and our own sockets (socket_transport.ts).
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";
import type { BackendResponse } from "./backend_response.ts";

/** A body of known length. */
export type TransportBody =
  /** A request's body of `bytes` bytes as the listener gave it. */
  | { readonly kind: "untouched"; readonly stream: BodySource; readonly bytes: number }
  /** One made here, of exactly `bytes` bytes; if it ends early or fails, the request is broken off. */
  | { readonly kind: "sized"; readonly stream: BodySource; readonly bytes: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "none" };

/** A signed request. */
export interface TransportRequest {
  readonly method: string;
  /** In origin form, exactly as it was signed. */
  readonly target: string;
  /** Lower-case names; without `host`, which is the endpoint's, and `content-length`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: TransportBody;
}

/** What is given up by closing it, once or several times. */
export interface Closable {
  close(): void;
}

/** Whoever waits for a response: says when to stop, and is told what has been done. */
export interface TransportCall {
  /** Has `what` closed when the exchange is broken off: at once where it is already, until its end otherwise. */
  closeWhenBroken(what: Closable): void;
  /** Whether there is a connection will not be told: where it takes too long, one probe has to do. */
  connectsUnseen(): void;
  /** There is a connection. */
  connected(): void;
  /** The whole request is on its way: the backend's own time begins. */
  sent(): void;
}

/** Connections to one backend. */
export interface Transport {
  /** Sends `request` and resolves with the response's head. Rejects with an `S3Error`, or with what the runtime throws. */
  send(request: TransportRequest, call: TransportCall): Promise<BackendResponse>;
  /** Drops idle connections; those in use end with their exchange. */
  close(): void;
}

/** How to connect. */
export interface TransportOptions {
  readonly endpoint: Readonly<URL>;
  /** PEM certificates trusted beside the system's. */
  readonly caCertificates: readonly string[];
  /** PEM client certificate. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  readonly idleConnectionTimeoutMs: number;
  readonly maxIdleConnections: number;
  /** Whether objects go by `fetch`: bodies that are the runtime's own pass through it without touching JavaScript. */
  readonly prefersFetch: boolean;
  /** How long a body may stand still because of the backend; `undefined`: for ever. `fetch` does not keep to it. */
  readonly stallTimeoutMs: number | undefined;
  /** `user-agent` of every request. */
  readonly userAgent: string;
}

/** Whether doing it twice is like doing it once: POST is not, nor a write that must not find an object. */
export function isRepeatable({ method, headers }: TransportRequest): boolean {
  return method !== "POST" && !(method === "PUT" && headers.has("if-none-match"));
}
