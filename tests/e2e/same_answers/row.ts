/**
 * One line of the tables beside this file: a request that is sent to the gateway and through the proxy, and what may be
 * different in the two answers.
 * @module
 */

import type { FormInput } from "../../support/form_builder.ts";

/** A request, in which `{b}` is the scene's bucket and `{name}` what an earlier row has kept. */
export interface Row {
  /** `GET /{b}/key?acl`; the target is raw. */
  readonly request: string;
  /** Signed, and sent as UTF-8. A list where a name comes twice. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
  /** A PUT or POST without a body and without Content-Length; else that is 0. */
  readonly isLengthless?: true;
  readonly signing?: Signing;
  /** Whose signature it is; default: of who may do everything. */
  readonly forged?: "unknown key" | "wrong secret" | "old";
  /** `http://bucket.localhost/key` in place of `http://127.0.0.1/bucket/key`. */
  readonly isVirtual?: true;
  /** Name → header or element of the answer, for later rows. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** Why the answers differ, and how; without it they may not. */
  readonly differs?: Difference | undefined;
}

/** How it is signed: in its headers, over its body or not; in its query; or as chunks or a form. */
export type Signing =
  | { readonly kind: "none" | "unsigned" }
  /** `hash` stands where that of the body should. */
  | { readonly kind: "header"; readonly hash?: string }
  | { readonly kind: "presigned"; readonly expires?: number | string }
  | {
    readonly kind: "chunks";
    readonly isSigned: boolean;
    readonly trailer?: readonly [string, string];
  }
  | { readonly kind: "form"; readonly form: Partial<FormInput> & Pick<FormInput, "fields"> };

/** A difference that is meant. */
export interface Difference {
  /** Words of docs/COMPATIBILITY.md that tell it. */
  readonly told: string;
  /** `200`, or `404 NoSuchKey`: what both sides answer, where they answer with another status or code. */
  readonly gateway?: string;
  readonly proxy?: string;
  /** Headers that only one side has, or that differ. */
  readonly headers?: readonly string[];
  /** The document differs. */
  readonly body?: true;
}

/** Rows that are sent in this order, with a bucket of their own that the first of them make. */
export interface Scene {
  readonly name: string;
  readonly rows: readonly Row[];
  /** Over HTTPS, both to the proxy and to the gateway. */
  readonly isSecure?: true;
}

/** What a {@linkcode Row} has beside its request. */
export type Rest = Omit<Row, "request">;

/** What may differ, in place of nothing. */
export type Variant<Value> = Value | readonly [Value, Difference];

/** A row. */
export function row(request: string, rest: Rest = {}): Row {
  return { request, ...rest };
}
