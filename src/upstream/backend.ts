/**
 * One signed request to the backend.
 * @module
 */

import type { ShareUser } from "../lib/share.ts";
import type { Resource } from "../s3/addressing.ts";
import { type SigningCredentials, signRequest } from "../sigv4/sign.ts";
import { type Client, forward, type Upstream, type UpstreamResponse } from "./forward.ts";
import { buildUpstreamTarget } from "./target.ts";
import type { TransportBody } from "./transport.ts";

/** A backend and the master key to it. */
export interface Backend {
  readonly endpoint: Readonly<URL>;
  readonly credentials: SigningCredentials;
  readonly upstream: Upstream;
}

/** A request to the backend, not signed yet. */
export interface BackendRequest {
  readonly method: string;
  readonly resource: Resource;
  readonly parameters: ReadonlyMap<string, string>;
  /** Without `host`, `content-length` and those of signing. */
  readonly headers: ReadonlyMap<string, string>;
  readonly payloadHash: string;
  readonly body: TransportBody;
  readonly bytes: number;
  /** Whether it goes on when the client has left; else it is broken off. */
  readonly outlivesClient?: boolean;
}

/** Signs `request` with the master key and forwards it. @throws {S3Error} as {@linkcode forward}. */
export function sendToBackend(
  request: BackendRequest,
  { backend, user, now, bodyRead, client }: {
    backend: Backend;
    /** Whose request it is. */
    user: ShareUser;
    now: Date;
    bodyRead: Promise<void> | undefined;
    client: Client;
  },
): Promise<UpstreamResponse> {
  const { method, body, bytes, payloadHash } = request;
  const { path, query, target, host } = buildUpstreamTarget(backend.endpoint, request);
  const headers = signRequest(
    { method, path, query, host, payloadHash, headers: request.headers },
    { credentials: backend.credentials, now },
  );
  return forward(
    { method, target, headers, body },
    { upstream: backend.upstream, user, bodyBytes: bytes, bodyRead, client },
  );
}
