/**
 * What one expensive request is, and how it is put into bytes.
 * @module
 */

import { Buffer } from "node:buffer";
import { formatRequestHead } from "../../support/raw_client.ts";
import { EMPTY_SHA256, type Header, presign, sha256, signHeaders } from "../../support/signer.ts";
import { joinBytes } from "../../support/wire.ts";

/** What the backend answers to it. */
export interface Script {
  readonly status?: number;
  readonly headers?: readonly Header[];
  readonly body?: string | Uint8Array;
  /** Whether a HEAD gets this answer, too. */
  readonly answersHead?: boolean;
}

/** One expensive request in its variants: which of them is the worst is measured. */
export interface WorstCase {
  readonly name: string;
  readonly kind: "refusal" | "operation" | "answer";
  readonly variants: readonly Variant[];
}

/** One way to write it. */
export interface Variant {
  readonly label: string;
  readonly request: (port: number) => Uint8Array;
  readonly script?: Script;
}

/** The label of the variant that the others of a listing are compared with. */
export const ORDINARY = "ordinary keys";

/** Whose request it is. */
export interface Key {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** May do everything in `worst`. */
export const GREEDY: Key = { accessKey: "greedy-key", secretKey: "secret-of-the-greedy-user" };
/** Has many statements, none of which allows anything in `worst`. */
export const DENIED: Key = { accessKey: "denied-key", secretKey: "secret-of-the-denied-user" };
/** May read `quiet`. */
export const QUIET: Key = { accessKey: "quiet-key", secretKey: "secret-of-the-quiet-user" };

/** A request in the words of S3. */
export interface Wanted {
  readonly method?: string;
  readonly target: string;
  readonly headers?: readonly Header[];
  /** `undefined`: without authentication. */
  readonly key?: Key | undefined;
  readonly body?: string | Uint8Array;
  /** Of the presigned kind. */
  readonly expires?: number;
  /** Beside those that are signed. */
  readonly unsigned?: readonly Header[];
}

/** Signs `wanted`, and puts it into bytes. */
export function formatRequest(
  { method = "GET", target, headers = [], key, body = "", expires, unsigned = [] }: Wanted,
  port: number,
): Uint8Array {
  const host: Header = ["host", `127.0.0.1:${port}`];
  const payload = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  const input = { method, target, date: new Date(), headers: [host, ...headers] };
  const length: Header[] = payload.length === 0 && method === "GET"
    ? []
    : [["content-length", String(payload.length)]];
  if (key === undefined) {
    const all = [host, ...headers, ...length];
    return joinBytes([formatRequestHead({ method, target, headers: all, port }), payload]);
  }
  if (expires !== undefined) {
    const signed = presign({ ...input, ...key, expires });
    const all = [host, ...headers, ...length];
    return joinBytes([
      formatRequestHead({ method, target: signed.target, headers: all, port }),
      payload,
    ]);
  }
  const payloadHash = payload.length === 0 ? EMPTY_SHA256 : sha256(payload);
  const signed = signHeaders({ ...input, ...key, payloadHash });
  const all = [...signed.headers, ...unsigned, ...length];
  return joinBytes([formatRequestHead({ method, target, headers: all, port }), payload]);
}

/** Variants of one request, by what its text is made of. */
export function vary(
  texts: Readonly<Record<string, string>>,
  build: (text: string) => Wanted | undefined,
  script?: Script,
): Variant[] {
  return Object.entries(texts).flatMap(([label, text]): Variant[] => {
    const wanted = build(text);
    if (wanted === undefined) return [];
    const request = (port: number): Uint8Array => formatRequest(wanted, port);
    return [{ label, request, ...(script === undefined ? {} : { script }) }];
  });
}

/** One request only. */
export function single(wanted: Wanted, script?: Script): Variant[] {
  return vary({ "": "" }, () => wanted, script);
}

/** `piece` again and again, up to `length` characters. */
export function fill(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}
