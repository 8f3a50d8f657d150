/**
 * What the backend answers, whichever transport it came by.
 * @module
 */

import type { BodySource } from "../lib/byte_source.ts";

/** What the backend answers: its head, and the way to its body. A `Response` of the runtime is one. */
export interface BackendResponse {
  readonly status: number;
  readonly headers: BackendHeaders;
  readonly body: BodySource | null;
}

/** Lower-case names, each once; values as latin1 text, one character a byte. */
export interface BackendHeaders {
  get(name: string): string | null;
  has(name: string): boolean;
  forEach(callback: (value: string, name: string) => void): void;
}

/** Whether the backend did what it was asked (RFC 9110 §15.3). */
export function isSuccess({ status }: BackendResponse): boolean {
  return status >= 200 && status <= 299;
}
