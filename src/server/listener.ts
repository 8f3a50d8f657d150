/**
 * What every listener is: requests in, responses out, one port. There are two, `Deno.serve` and our own; docs/LISTENERS.md
 * says when to use which.
 * @module
 */

import type { ProxyResponse } from "../proxy.ts";
import type { RawRequest } from "../s3/request.ts";
import type { AcceptPause } from "./accept_loop.ts";

/** Answers one request; must not reject. */
export type AnswerRequest = (raw: RawRequest) => Promise<ProxyResponse>;

/** Where to listen. */
export interface ListenerOptions {
  readonly hostname: string;
  /** TCP port; 0 for any free one. */
  readonly port: number;
  /** PEM certificate chain and key; plain HTTP without. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Share the port with other listeners that say so too: the kernel deals connections out. Default: false. */
  readonly reusePort?: boolean;
  /** What comes between a connection that cannot be accepted and the next try. Default: one that is not logged. */
  readonly pause?: AcceptPause;
}

/** A running listener. */
export interface Listener {
  readonly port: number;
  /**
   * Refuses new connections, closes idle ones, and resolves when the last response is out. `Deno.serve` waits
   * for a moment without an upload before it does any of this; until then it goes on answering requests.
   */
  shutdown(): Promise<void>;
  /**
   * Like {@linkcode shutdown}, for a listener that another has replaced: each connection is kept until its client was told, with an
   * answer, that it ends, so none is cut. {@linkcode shutdown} may follow.
   */
  retire?(): Promise<void>;
}

/** Where a request wants to go, as its head has it. */
export type RequestLine = Pick<RawRequest, "target" | "authority">;

/**
 * The target in origin form, and the one authority: the URL's where it has one, else the Host header's.
 * The authority is empty, which parsing refuses, where there is none, or two that differ. An inbound URL never meets a
 * URL parser, which would fold its path.
 */
export function readRequestLine(url: string, host: string | undefined): RequestLine {
  if (url.startsWith("/")) return { target: url, authority: host ?? "" };
  const [, authority, target] = /^https?:\/\/([^/?#\\]+)(\/.*)$/s.exec(url) ?? [];
  if (authority === undefined || target === undefined) return { target: url, authority: "" };
  return { target, authority: host === undefined || host === authority ? authority : "" };
}

/**
 * Whether a request without a body expects `100 Continue`, which neither listener sends then. Its connection has to end
 * with the answer, because botocore (boto3, aws-cli) would misread the next answer on it, and wait 60 s for the rest.
 */
export function expectsInVain(header: (name: string) => unknown): boolean {
  return header("expect") !== undefined && header("transfer-encoding") === undefined &&
    Number(header("content-length") ?? 0) === 0;
}
