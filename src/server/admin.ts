/**
 * The listener for operators: metrics, liveness and readiness, out of clients' reach.
 * @module
 */

import { LIMITS } from "../limits.ts";
import type { Logger } from "../observability/log.ts";
import { acceptConnections, AcceptPause } from "./accept_loop.ts";
import { AdminConnections } from "./admin_connections.ts";

/** Whether requests should be sent here, and why not. */
export interface Readiness {
  readonly ready: boolean;
  /** One sentence for people; shown as it is. */
  readonly reason: string;
}

/** What {@linkcode respondAdmin} answers from. */
export interface AdminState {
  /** `metrics.path`: `/metrics`. */
  readonly path: string;
  /** `metrics.enabled`; false removes the metrics and leaves the health checks. */
  readonly enabled: boolean;
  readonly metrics: { readonly contentType: string; exposition(): Promise<string> };
  readonly readiness: () => Readiness | Promise<Readiness>;
}

/** What {@linkcode createAdminServer} takes. */
export interface AdminServerOptions extends AdminState {
  readonly hostname: string;
  /** TCP port; 0 for any free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Of one connection, from its beginning to its end. Default: {@linkcode LIMITS.adminRequestTimeoutMs}. */
  readonly requestTimeoutMs?: number;
}

/** A running admin listener. */
export interface AdminServer {
  readonly port: number;
  /** Refuses new connections and resolves when the last answer is out. */
  shutdown(): Promise<void>;
}

/**
 * Starts the admin listener.
 * @throws {Deno.errors.AddrInUse} where something else listens there; other `Deno.errors` where it
 *   must not listen.
 */
export function createAdminServer(options: AdminServerOptions): AdminServer {
  const { hostname, port, logger, requestTimeoutMs = LIMITS.adminRequestTimeoutMs } = options;
  const listener = Deno.listen({ hostname, port });
  const connections = new AdminConnections(async (request) => {
    try {
      return await respondAdmin(request, options);
    } catch (error) {
      logger.error("admin request failed", { error: String(error) });
      return respondText("internal error", { status: 500 });
    }
  }, requestTimeoutMs);
  const accepting = acceptConnections(listener, {
    accepted: (connection) => connections.add(connection),
    pause: new AcceptPause(logger, "metrics"),
  });
  return {
    port: listener.addr.port,
    shutdown: async () => {
      listener.close();
      await accepting;
      await connections.finish();
    },
  };
}

/** Answers one request; a HEAD like a GET, whose body the listener then leaves out. */
export async function respondAdmin(
  { method, path }: { readonly method: string; readonly path: string },
  state: AdminState,
): Promise<Response> {
  const respond = findResponder(path, state);
  if (respond === undefined) return respondText("not found", { status: 404 });
  if (method !== "GET" && method !== "HEAD") {
    return respondText("method not allowed", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return await respond();
}

type Responder = () => Response | Promise<Response>;

function findResponder(path: string, state: AdminState): Responder | undefined {
  switch (path) {
    case "/healthz":
      return () => respondText("ok");
    case "/readyz":
      return async () => respondReadiness(await state.readiness());
    case state.path:
      return state.enabled ? () => respondMetrics(state.metrics) : undefined;
    default:
      return undefined;
  }
}

function respondReadiness({ ready, reason }: Readiness): Response {
  return respondText(reason, { status: ready ? 200 : 503 });
}

async function respondMetrics(metrics: AdminState["metrics"]): Promise<Response> {
  const exposition = await metrics.exposition();
  return new Response(exposition, { headers: { "content-type": metrics.contentType } });
}

function respondText(text: string, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set("content-type", "text/plain; charset=utf-8");
  headers.set("cache-control", "no-store");
  return new Response(`${text}\n`, { ...init, headers });
}
